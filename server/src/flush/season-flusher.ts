/** Flushes one season: by its timer, and sooner when something asks for it. One pass at a time; a request that comes during a pass
 *  runs one more after it. A failed pass keeps its claim and is tried again, later each time, with jitter. */
import type { LiveSeason, Position } from '../board/live-board.ts';
import type { Log } from '../observe/log.ts';
import type { Alarm } from './alarm.ts';
import type { Breaker } from './breaker.ts';
import type { DirtyQueue } from './dirty-queue.ts';
import { FlushAlerts } from './flush-alerts.ts';
import type { FlushFailureStore } from './flush-failure-store.ts';
import { type FlushPass, flushPass } from './flush-pass.ts';
import { Pace } from './pace.ts';
import type { SnapshotStore } from './snapshot-store.ts';

export const FLUSH_CAUSES = [
  'timer',
  'threshold',
  'match-end',
  'season-close',
  'eviction',
  'barrier',
  'shutdown',
  'admin',
  'through',
] as const;
export type FlushCause = (typeof FLUSH_CAUSES)[number];

export interface FlushObserver {
  flushed(pass: {
    cause: FlushCause;
    ms: number;
    rows: number;
    refused: number;
    parked: readonly string[];
    batches: number;
  }): void;
  failed(cause: FlushCause): void;
}

export interface SeasonFlusherDeps {
  queue: DirtyQueue;
  store: Pick<SnapshotStore, 'write'>;
  /** Where poison rows go; without it one fails the pass. */
  parking?: Pick<FlushFailureStore, 'park'> | undefined;
  /** Guards `store`. Seasons whose flush fails while it is open wait until it closes. */
  breaker?: Pick<Breaker, 'isOpen' | 'onClosed'> | undefined;
  alarm?: Alarm | undefined;
  clock: () => number;
  log: Log;
  observer: FlushObserver;
  /** This server's name among flushers. */
  owner: string;
  leaseMs: number;
  random: () => number;
}

/** Matches that end together share a flush. */
const NUDGE_DELAY_MS = 50;
/** Of the interval: what a flush by the timer may take. The next one begins an interval after it began. */
const SPREAD = 0.5;
/** Well below a lease. */
const SPREAD_MAX_MS = 5_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 30_000;

export class SeasonFlusher {
  readonly season: LiveSeason;
  readonly #deps: SeasonFlusherDeps;
  readonly #queue: Pick<DirtyQueue, 'claim' | 'page' | 'ack'>;
  readonly #alerts: FlushAlerts | undefined;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #cause: FlushCause = 'timer';
  /** The end of the last pass asked for: passes queue behind it, so that two never share a claim here. */
  #tail: Promise<unknown> = Promise.resolve();
  #next: Promise<FlushPass> | undefined;
  /** Of the pass under way that nobody waits for. */
  #pace: Pace | undefined;
  #failures = 0;
  /** Not tried again by itself: the breaker is open. */
  #paused = false;
  #oldestDirtyAt: number;
  #stopped = false;

  constructor(season: LiveSeason, deps: SeasonFlusherDeps) {
    this.season = season;
    this.#deps = deps;
    this.#oldestDirtyAt = deps.clock();
    this.#queue = this.#watched(deps.queue);
    this.#alerts = deps.alarm && new FlushAlerts(season.id, deps.alarm);
    this.#arm(season.board.flush.intervalMs, 'timer');
  }

  /** Asks for a flush soon. While the database fails, backoff decides when. */
  nudge(cause: FlushCause): void {
    if (this.#failures === 0) this.#arm(NUDGE_DELAY_MS, cause);
  }

  /** Flushes what is dirty when it is called, whoever holds the lease. Two passes do: the first may take over a claim of before, the second
   *  has the rest; what comes meanwhile is not waited for, or a busy season would never drain.
   *  @throws what the pass threw, or Error past the deadline */
  async drain(cause: FlushCause, deadline: number): Promise<void> {
    for (let passes = 0; passes < 2; passes++) {
      const pass = await this.#run(cause);
      if (pass.kind === 'fenced')
        throw new Error(`season ${this.season.id} has begun a newer epoch elsewhere`);
      if (pass.kind !== 'flushed') return;
      if (performance.now() > deadline) throw new Error(`season ${this.season.id} did not drain in time`);
    }
  }

  /** Resolves when the season's changes up to `position` are committed, whoever holds the lease; ticks may go on meanwhile. All who wait
   *  for the same pass share it. @throws what the pass threw, or Error when this life of the season is over or the deadline has passed */
  async reach(to: { position: Position; cause: FlushCause; deadline: number }): Promise<void> {
    const { position, cause, deadline } = to;
    for (;;) {
      const { kind, at } = await this.#shared(cause);
      if (at && at.epoch === position.epoch && at.version >= position.version && kind !== 'fenced') return;
      // A claim that a dead flusher left is of an older version: one more pass takes the newer changes.
      if (kind !== 'flushed' || at?.epoch !== position.epoch)
        throw new Error(`season ${this.season.id} has begun a newer epoch`);
      if (performance.now() > deadline) throw new Error(`season ${this.season.id} was not committed in time`);
    }
  }

  /** Its last pass failed: another server may do better. */
  get failing(): boolean {
    return this.#failures > 0;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** When the oldest entry of the last claim became dirty, in milliseconds; nothing is older than the last good pass. */
  get oldestDirtyAt(): number {
    return this.#oldestDirtyAt;
  }

  /** Tries again now what was paused. Resolves when it is committed or has failed again. */
  async resume(): Promise<void> {
    if (!this.#paused || this.#stopped) return;
    this.#paused = false;
    await this.#fire();
  }

  /** Stops looking after the season for good. */
  async forget(): Promise<void> {
    await this.stop();
    this.#alerts?.forget();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#pace?.hurry();
    await this.#tail;
  }

  #arm(delayMs: number, cause: FlushCause): void {
    const at = performance.now() + delayMs;
    if (this.#stopped || at >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#cause = cause;
    this.#timer = setTimeout(() => void this.#fire(), delayMs);
  }

  async #fire(): Promise<void> {
    const { intervalMs } = this.season.board.flush;
    this.#dueAt = Number.POSITIVE_INFINITY;
    const cause = this.#cause;
    const beganAt = performance.now();
    try {
      const { queue, owner, leaseMs } = this.#deps;
      if (await queue.lease(this.season, owner, leaseMs)) await this.#run(cause, cause === 'timer');
      this.#failures = 0;
      this.#alerts?.worked();
      // One that takes long is followed by a rest all the same.
      const restMs = Math.max(intervalMs - (performance.now() - beganAt), intervalMs * SPREAD);
      this.#arm(restMs, 'timer');
    } catch (error) {
      this.#failures++;
      this.#deps.observer.failed(cause);
      this.#alerts?.failed(this.#failures, this.#deps.breaker?.isOpen ?? false);
      if (this.#deps.breaker?.isOpen) {
        this.#pause(error);
        return;
      }
      const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(this.#failures - 1, 10));
      const retryInMs = Math.round(ceiling / 2 + (this.#deps.random() * ceiling) / 2);
      this.#deps.log.error(
        { err: error, season: this.season.id, failures: this.#failures, retryInMs },
        'flush failed; its entries stay claimed and are tried again',
      );
      this.#arm(retryInMs, 'timer');
    }
  }

  /** The pass that has not begun yet: what was answered by Redis before this call is in its claim. */
  #shared(cause: FlushCause): Promise<FlushPass> {
    this.#pace?.hurry();
    if (!this.#next) {
      const pass = this.#tail.then(() => {
        this.#next = undefined;
        return this.#pass(cause);
      });
      this.#next = pass;
      this.#tail = pass.catch(() => undefined);
    }
    return this.#next;
  }

  /** Learns from each claim how old its oldest entry is. */
  #watched(queue: DirtyQueue): Pick<DirtyQueue, 'claim' | 'page' | 'ack'> {
    return {
      claim: async (season) => {
        const claim = await queue.claim(season);
        if (claim.kind === 'ok' && claim.dirtySince !== undefined) this.#oldestDirtyAt = claim.dirtySince;
        return claim;
      },
      page: (season, cursor, count) => queue.page(season, cursor, count),
      ack: (season, claim, players, done) => queue.ack(season, claim, players, done),
    };
  }

  #pause(error: unknown): void {
    this.#paused = true;
    this.#deps.log.error(
      { err: error, season: this.season.id, failures: this.#failures },
      'flush failed; its entries stay claimed until postgres is back',
    );
  }

  #run(cause: FlushCause, spread = false): Promise<FlushPass> {
    this.#pace?.hurry();
    const pace = spread
      ? new Pace(Math.min(this.season.board.flush.intervalMs * SPREAD, SPREAD_MAX_MS))
      : undefined;
    this.#pace = pace;
    const pass = this.#tail.then(() => this.#pass(cause, pace));
    this.#tail = pass.catch(() => undefined);
    return pass;
  }

  async #pass(cause: FlushCause, pace?: Pace): Promise<FlushPass> {
    const startedAt = performance.now();
    const beganAt = this.#deps.clock();
    const pass = await flushPass({ ...this.#deps, queue: this.#queue, pace }, this.season);
    this.#oldestDirtyAt = beganAt;
    if (pass.kind === 'flushed')
      this.#deps.observer.flushed({ cause, ms: performance.now() - startedAt, ...pass });
    this.#alerts?.flushed(pass);
    for (const player of pass.parked)
      this.#deps.log.error(
        { season: this.season.id, player },
        'a row that postgres refuses was parked in flush_failures; retry or discard it',
      );
    if (pass.kind === 'fenced')
      this.#deps.log.error({ season: this.season.id }, 'flush refused: the season has begun a newer epoch');
    return pass;
  }
}
