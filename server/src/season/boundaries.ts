/** Ends and opens seasons when their time has come.
 *
 *  Every server watches every boundary, and whoever is first does it: the transaction does it once (see `SeasonPlan`). A timer aims at each
 *  boundary that is near; a tick or a match that comes earlier than the timer asks for the same. Boundaries that passed while no server
 *  ran are found by the first look, which is over before this server takes requests. */
import { takesTicks } from '@photofinish/shared/domain/season';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Season } from '../board/board-store.ts';
import type { Catalogue } from '../board/catalogue.ts';
import { newId } from '../board/new-id.ts';
import type { Log } from '../observe/log.ts';
import type { BoundaryClock } from './boundary-clock.ts';
import type { SeasonLife } from './season-life.ts';
import type { SeasonPlan } from './season-plan.ts';

export interface BoundaryObserver {
  /** This server ended or opened seasons, so long after their time. */
  rolledOver(of: { lateMs: number }): void;
}

interface Deps {
  plan: SeasonPlan;
  catalogue: Catalogue;
  life: SeasonLife;
  clock: BoundaryClock;
  observer: BoundaryObserver;
  log: Log;
}

/** How often boundaries are looked for: how late one that another server has just planned is known here. */
const LOOK_MS = 1_000;
/** Timers are set for boundaries as near as this; more than a look, so that one late look misses none. */
const AHEAD_MS = 2_500;
/** After a failure, for so long nobody asks Postgres again: everybody who ticks would. */
const PAUSE_MS = 250;
/** Clocks this far apart are told about: scores bear the server's time, and boundaries the database's. */
const APART_MS = 1_000;

export class Boundaries {
  readonly #deps: Deps;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #rolling = new Map<string, Promise<void>>();
  #interval: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #apart = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Resolves when what passed before is caught up. @throws when Postgres does not answer */
  async start(): Promise<void> {
    await this.#look();
    await Promise.all(this.#rolling.values());
    this.#interval = setInterval(() => {
      this.#looking ??= this.#look()
        .catch((error) => this.#deps.log.warn({ err: error }, 'boundaries not read; they are read again'))
        .finally(() => {
          this.#looking = undefined;
        });
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#interval);
    await this.#looking;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.allSettled(this.#rolling.values());
  }

  /** Does what a passed boundary of the board says, or learns that another server did. Calls that overlap share one.
   *  @throws Fault UNAVAILABLE while Postgres cannot say */
  rollOver(board: string): Promise<void> {
    const running = this.#rolling.get(board);
    if (running) return running;
    const rolling = this.#rollOver(board);
    this.#rolling.set(board, rolling);
    const forget = () => this.#rolling.delete(board);
    // A failure stays for a moment as the answer to everybody.
    rolling.then(forget, () => setTimeout(forget, PAUSE_MS).unref());
    return rolling;
  }

  async #rollOver(board: string): Promise<void> {
    const { plan, catalogue, life, clock, observer, log } = this.#deps;
    const due = clock.now();
    try {
      const { rolled, ended, opened, seasons } = await plan.rollOver({ board, id: newId() });
      for (const season of [...seasons].reverse()) catalogue.note(season);
      if (!rolled) {
        this.#aimAtOpen(board, seasons);
        return;
      }
      const lateMs = Math.max(0, due - (ended?.endsAt ?? due));
      observer.rolledOver({ lateMs });
      log.info({ board, ended: ended?.id, opened: opened?.id, lateMs }, 'season boundary');
      if (ended) void life.follow(ended);
      const open = seasons.find((season) => takesTicks(season.state));
      if (open) await catalogue.opened(open);
    } catch (error) {
      log.warn({ err: error, board }, 'season boundary not passed; it is tried again');
      if (error instanceof Fault && !error.retryable) throw error;
      throw new Fault(
        'UNAVAILABLE',
        `board: the season of ${board} has ended, and the next cannot open yet`,
        {
          field: 'board',
          retryAfterMs: PAUSE_MS,
        },
      );
    }
  }

  /** Rolls over what has passed, and sets timers for what is near. */
  async #look(): Promise<void> {
    const { plan, clock } = this.#deps;
    const { now, boundaries } = await clock.sample(() => plan.boundaries(AHEAD_MS));
    this.#watchClock();
    for (const { board, at } of boundaries)
      if (at <= now) this.#attempt(board);
      else this.#aim(board, at);
  }

  /** The timer was early by the database's clock. */
  #aimAtOpen(board: string, seasons: readonly Season[]): void {
    const at = seasons.find((season) => takesTicks(season.state))?.endsAt;
    if (at !== undefined && at - this.#deps.clock.now() < AHEAD_MS) this.#aim(board, at);
  }

  #aim(board: string, at: number): void {
    clearTimeout(this.#timers.get(board));
    // Timers may fire a little early, and Postgres would find that nothing is due.
    const inMs = Math.max(0, at - this.#deps.clock.now()) + 2;
    this.#timers.set(
      board,
      setTimeout(() => {
        this.#timers.delete(board);
        this.#attempt(board);
      }, inMs),
    );
  }

  /** What fails is seen by the next look. */
  #attempt(board: string): void {
    this.rollOver(board).catch(() => undefined);
  }

  #watchClock(): void {
    const { offsetMs } = this.#deps.clock;
    const apart = Math.abs(offsetMs) > APART_MS;
    if (apart && !this.#apart)
      this.#deps.log.warn(
        { offsetMs },
        "this server's clock is not the database's; boundaries follow the database",
      );
    this.#apart = apart;
  }
}
