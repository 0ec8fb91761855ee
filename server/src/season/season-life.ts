/** A season's life: open -> closing -> closed -> settled, decided in Postgres and copied to Redis.
 *
 *  Between the two writes Redis may still take a tick of a season that is closing: harmless, since prizes come from finals and
 *  those are checked in Postgres. The keeper copies states again at every sweep, so that a crash between the writes, or a rebuild
 *  that read the state just before it moved, is mended. */

import type { BoardStore, Season } from '../board/board-store.ts';
import type { Catalogue } from '../board/catalogue.ts';
import type { LiveBoard } from '../board/live-board.ts';
import { newId } from '../board/new-id.ts';
import { Rounds } from '../board/rounds.ts';
import type { Flusher } from '../flush/flusher.ts';
import type { Log } from '../observe/log.ts';
import type { SeasonPlan } from './season-plan.ts';

interface Deps {
  store: BoardStore & Pick<SeasonPlan, 'freeze' | 'planSeason'>;
  catalogue: Catalogue;
  live: LiveBoard;
  flusher: Flusher;
  clock: () => number;
  log: Log;
}

const SWEEP_MS = 1_000;
const DRAIN_MS = 30_000;
/** On an open board ticks are the record. A server that has some to apply again, because Redis lost them at the end, does so within seconds. */
const OPEN_BOARD_FREEZES_AFTER_MS = 30_000;

export class SeasonLife {
  readonly #deps: Deps;
  readonly #rounds: Rounds;
  #freezing = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      everyMs: SWEEP_MS,
      round: () => this.#sweep(),
      failed: (error) => deps.log.warn({ err: error }, 'season sweep failed; it runs again'),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): void {
    void this.#rounds.stop();
  }

  /** Opens the next season now, or plans one that opens by itself at `startsAt`.
   *  @throws Fault SEASON_ALREADY_OPEN, BOARD_NOT_FOUND, BOARD_ARCHIVED, INVALID_REQUEST */
  open(board: string, by: string, plan: { startsAt?: number; endsAt?: number } = {}): Promise<Season> {
    const { store, catalogue } = this.#deps;
    const { startsAt, endsAt } = plan;
    return startsAt === undefined
      ? catalogue.openSeason(board, by, endsAt)
      : store.planSeason({ id: newId(), board, startsAt, endsAt, by });
  }

  /** Begins to close: no more ticks or matches, finals of its matches for the board's grace time, then closed. `now` closes at once.
   *  A season that is past it already is answered as it is. @throws Fault SEASON_NOT_FOUND */
  async close(seasonId: string, by: string, how: { now: boolean }): Promise<Season> {
    const { catalogue } = this.#deps;
    const season = await catalogue.season(seasonId);
    const board = await catalogue.board(season.board);
    const unbegun = season.state === 'upcoming';
    const now = how.now || unbegun || board.kind === 'open' || board.finals.graceSeconds === 0;
    return this.#move(seasonId, now ? 'closed' : 'closing', by);
  }

  async #move(id: string, to: 'closing' | 'closed', by: string): Promise<Season> {
    const season = await this.#deps.store.moveSeason({ season: id, to, at: this.#deps.clock(), by });
    await this.follow(season);
    return season;
  }

  /** Copies a state that Postgres has just decided to Redis. Rejects never. */
  async follow(season: Season): Promise<void> {
    const { catalogue, live, flusher, log } = this.#deps;
    catalogue.note(season);
    try {
      const liveSeason = await catalogue.live(season);
      await live.setState(liveSeason, season.state);
      if (season.state === 'closed') await flusher.drain(liveSeason, 'season-close', DRAIN_MS);
    } catch (error) {
      // The season is closed, in Postgres; the keeper copies the state and the flusher's timer drains it.
      log.warn({ err: error, season: season.id }, 'season moved, but Redis could not follow yet');
    }
  }

  /** One at a time, and nothing waits for it: a season of millions of entries takes a while. */
  #freezeSoon(season: Season, kind: 'open' | 'match'): void {
    if (this.#freezing) return;
    this.#freezing = true;
    this.#freeze(season, kind)
      .catch((error) => this.#deps.log.warn({ err: error, season: season.id }, 'season not frozen yet'))
      .finally(() => {
        this.#freezing = false;
      });
  }

  /** Once all that Redis has is flushed. */
  async #freeze(season: Season, kind: 'open' | 'match'): Promise<void> {
    const { store, catalogue, live, clock, log } = this.#deps;
    if (kind === 'open' && clock() - (season.closedAt ?? 0) < OPEN_BOARD_FREEZES_AFTER_MS) return;
    const window = await live.window(await catalogue.live(season));
    if (window.kind !== 'cold' && window.dirty > 0) return;
    const frozen = await store.freeze(season.id);
    catalogue.note(frozen);
    if (frozen.frozenAt !== undefined) log.info({ season: season.id }, 'season frozen');
  }

  async #sweep(): Promise<void> {
    const { catalogue, live, clock } = this.#deps;
    for (const season of catalogue.liveSeasons()) {
      const board = await catalogue.board(season.board);
      const graceEnds = (season.closingAt ?? 0) + board.finals.graceSeconds * 1_000;
      if (season.state === 'closing' && clock() >= graceEnds) await this.#move(season.id, 'closed', 'system');
      else if (season.state !== 'open') await live.setState(await catalogue.live(season), season.state);
      if (season.state === 'closed' && season.frozenAt === undefined) this.#freezeSoon(season, board.kind);
    }
  }
}
