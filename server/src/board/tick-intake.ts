/** The hot path: tick to ack.
 *
 *  Ticks of one season wait in one queue. All that came in one event-loop turn, and all that come while a batch is on its way,
 *  go to Redis in one script call; their answers go back through the caller's sink in the same turn. No promise, timer or
 *  closure per tick. One batch per season is under way at a time, so ticks of a player are applied in the order they came. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Log } from '../observe/log.ts';
import type { TickTarget } from './catalogue.ts';
import type { KeptTicks } from './kept-ticks.ts';
import {
  type LiveSeason,
  type Position,
  TICK_BATCH_MAX,
  type TickBatchResult,
  type TickOutcome,
  type TickWrite,
} from './live-board.ts';
import type { Pressure } from './pressure.ts';
import { checkTick, type Tick, TickRate } from './tick-rules.ts';

/** Takes the answers of ticks. `ticket` is the caller's own number for the tick. */
export interface TickSink {
  ticked(ticket: number, outcome: TickOutcome, position: Position): void;
  tickFailed(ticket: number, fault: Fault): void;
}

export interface TickObserver {
  /** One script call: how many ticks, how long, and what came of them. */
  batch(batch: { ticks: number; ms: number; outcomes: readonly TickOutcome[] }): void;
  failed(ticks: number): void;
  refusedAtTheDoor(): void;
}

/** Ticks that may wait, over all seasons: about 200 bytes each. At the limit ticks are refused with a time to come back. */
const WAITING_MAX = 100_000;

interface SeasonQueue {
  season: LiveSeason;
  rate: TickRate;
  waiting: TickWrite[];
  sinks: TickSink[];
  tickets: number[];
  busy: boolean;
}

type Applied = Extract<TickBatchResult, { kind: 'ok' }>;

interface Deps {
  ticks: Pick<KeptTicks, 'apply'>;
  clock: () => number;
  log: Log;
  observer: TickObserver;
  /** Says how long acks are held back while many entries are dirty; without it never. */
  pressure?: Pick<Pressure, 'ackDelayMs'> | undefined;
  /** Told after each batch, with the entries that now wait for a flush. */
  onDirty: (season: LiveSeason, dirty: number) => void;
  /** A script refused a season that this server believed to be open. */
  onNotOpen: (season: LiveSeason) => void;
}

export class TickIntake {
  readonly #deps: Deps;
  readonly #queues = new Map<string, SeasonQueue>();
  readonly #ready: SeasonQueue[] = [];
  #scheduled = false;
  #depth = 0;
  #idle: (() => void)[] = [];

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Ticks waiting or under way. */
  get depth(): number {
    return this.#depth;
  }

  /** Answers through the sink exactly once, in a later turn. @throws Fault at once when the tick is refused at the door */
  submit(target: TickTarget, tick: Tick, writer: string, reply: { sink: TickSink; ticket: number }): void {
    const queue = this.#queueOf(target.season);
    const now = this.#deps.clock();
    try {
      this.#admit(queue, tick, now);
    } catch (fault) {
      this.#deps.observer.refusedAtTheDoor();
      throw fault;
    }
    queue.waiting.push({
      player: tick.player,
      writer,
      matchKey: target.matchKey,
      score: tick.score,
      delta: tick.delta,
      seq: tick.seq,
      at: now,
    });
    queue.sinks.push(reply.sink);
    queue.tickets.push(reply.ticket);
    this.#depth++;
    if (!queue.busy && queue.waiting.length === 1) this.#schedule(queue);
  }

  /** Notices a season that lost its memory, and redoes what it lost; a season with ticks under way does so by them. */
  look(season: LiveSeason): void {
    const queue = this.#queueOf(season);
    if (queue.busy || queue.waiting.length > 0) return;
    queue.busy = true;
    this.#deps.ticks
      .apply(season, [])
      .catch((error) =>
        this.#deps.log.debug({ err: error, season: season.id }, 'looking after a season failed'),
      )
      .finally(() => void this.#run(queue));
  }

  /** Resolves when every tick has been answered. */
  drain(): Promise<void> {
    if (this.#depth === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #admit(queue: SeasonQueue, tick: Tick, now: number): void {
    if (this.#depth >= WAITING_MAX)
      throw new Fault('OVERLOADED', 'too many ticks are waiting for Redis; try again', {
        limit: `${WAITING_MAX} waiting ticks`,
        retryAfterMs: 500,
      });
    checkTick(queue.season.board, tick);
    queue.rate.take(tick.player, now);
  }

  #queueOf(season: LiveSeason): SeasonQueue {
    let queue = this.#queues.get(season.id);
    if (!queue) {
      queue = {
        season,
        rate: new TickRate(season.board.ticks.maxPerSecond),
        waiting: [],
        sinks: [],
        tickets: [],
        busy: false,
      };
      this.#queues.set(season.id, queue);
    }
    return queue;
  }

  #schedule(queue: SeasonQueue): void {
    this.#ready.push(queue);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (const next of this.#ready.splice(0)) void this.#run(next);
    });
  }

  async #run(queue: SeasonQueue): Promise<void> {
    queue.busy = true;
    while (queue.waiting.length > 0) {
      const ticks = queue.waiting.splice(0, TICK_BATCH_MAX);
      const sinks = queue.sinks.splice(0, TICK_BATCH_MAX);
      const tickets = queue.tickets.splice(0, TICK_BATCH_MAX);
      try {
        await this.#apply(queue.season, ticks, sinks, tickets);
      } catch (error) {
        this.#fail(error, sinks, tickets);
      }
      this.#depth -= ticks.length;
    }
    queue.busy = false;
    if (this.#depth === 0) for (const done of this.#idle.splice(0)) done();
  }

  async #apply(season: LiveSeason, ticks: TickWrite[], sinks: TickSink[], tickets: number[]): Promise<void> {
    const { observer } = this.#deps;
    const startedAt = performance.now();
    const result = await this.#deps.ticks.apply(season, ticks);
    if (result.kind === 'not-open') {
      this.#deps.onNotOpen(season);
      throw new Fault('SEASON_CLOSED', `season ${season.id} is ${result.state} and takes no more ticks`, {
        limit: 'ticks while the season is open',
        fix: 'start a match in the next season',
      });
    }
    const { outcomes } = result;
    observer.batch({ ticks: ticks.length, ms: performance.now() - startedAt, outcomes });
    const heldMs = this.#deps.pressure?.ackDelayMs(season, result.dirty) ?? 0;
    if (heldMs > 0) this.#hold(heldMs, ticks.length, () => answer(result, sinks, tickets));
    else answer(result, sinks, tickets);
    this.#deps.onDirty(season, result.dirty);
  }

  /** The next batches go on meanwhile; ticks count as waiting until they are answered, so that what is held is bounded with the rest. */
  #hold(ms: number, ticks: number, release: () => void): void {
    this.#depth += ticks;
    setTimeout(() => {
      release();
      this.#depth -= ticks;
      if (this.#depth === 0) for (const done of this.#idle.splice(0)) done();
    }, ms);
  }

  #fail(error: unknown, sinks: TickSink[], tickets: number[]): void {
    const fault =
      error instanceof Fault
        ? error
        : new Fault('INTERNAL', 'the server failed; send the tick again with the same seq');
    if (!(error instanceof Fault)) this.#deps.log.error({ err: error }, 'tick batch failed');
    this.#deps.observer.failed(tickets.length);
    for (let i = 0; i < tickets.length; i++) {
      const ticket = tickets[i];
      if (ticket !== undefined) sinks[i]?.tickFailed(ticket, fault);
    }
  }
}

function answer(result: Applied, sinks: readonly TickSink[], tickets: readonly number[]): void {
  const { outcomes } = result;
  for (let i = 0; i < outcomes.length; i++) {
    const outcome = outcomes[i];
    const ticket = tickets[i];
    if (outcome && ticket !== undefined) sinks[i]?.ticked(ticket, outcome, result);
  }
}
