/** Flushes one season: by its timer, and sooner when something asks for it. One pass at a time; a request that comes during a pass
 *  runs one more after it. A failed pass keeps its claim and is tried again, later each time, with jitter. */
import type { LiveSeason, Position } from '../board/live-board.ts';
import type { Log } from '../observe/log.ts';
import type { DirtyQueue } from './dirty-queue.ts';
import { type FlushPass, flushPass } from './flush-pass.ts';
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
  flushed(pass: { cause: FlushCause; ms: number; rows: number; refused: number; batches: number }): void;
  failed(cause: FlushCause): void;
}

export interface SeasonFlusherDeps {
  queue: DirtyQueue;
  store: SnapshotStore;
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
const BACKOFF_MAX_MS = 30_000;

export class SeasonFlusher {
  readonly season: LiveSeason;
  readonly #deps: SeasonFlusherDeps;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #cause: FlushCause = 'timer';
  /** The end of the last pass asked for: passes queue behind it, so that two never share a claim here. */
  #tail: Promise<unknown> = Promise.resolve();
  #next: Promise<FlushPass> | undefined;
  #failures = 0;
  #stopped = false;

  constructor(season: LiveSeason, deps: SeasonFlusherDeps) {
    this.season = season;
    this.#deps = deps;
    this.#arm(season.board.flush.intervalMs, 'timer');
  }

  /** Asks for a flush soon. While the database fails, backoff decides when. */
  nudge(cause: FlushCause): void {
    if (this.#failures === 0) this.#arm(NUDGE_DELAY_MS, cause);
  }

  /** Flushes until nothing is dirty, whoever holds the lease. @throws what the pass threw, or Error past the deadline */
  async drain(cause: FlushCause, deadline: number): Promise<void> {
    for (;;) {
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

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
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
    try {
      const { queue, owner, leaseMs } = this.#deps;
      if (await queue.lease(this.season, owner, leaseMs)) await this.#run(cause);
      this.#failures = 0;
      this.#arm(intervalMs, 'timer');
    } catch (error) {
      this.#failures++;
      this.#deps.observer.failed(cause);
      const ceiling = Math.min(BACKOFF_MAX_MS, intervalMs * 2 ** Math.min(this.#failures, 10));
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

  #run(cause: FlushCause): Promise<FlushPass> {
    const pass = this.#tail.then(() => this.#pass(cause));
    this.#tail = pass.catch(() => undefined);
    return pass;
  }

  async #pass(cause: FlushCause): Promise<FlushPass> {
    const startedAt = performance.now();
    const pass = await flushPass(this.#deps, this.season);
    if (pass.kind === 'flushed')
      this.#deps.observer.flushed({ cause, ms: performance.now() - startedAt, ...pass });
    if (pass.kind === 'fenced')
      this.#deps.log.error({ season: this.season.id }, 'flush refused: the season has begun a newer epoch');
    return pass;
  }
}
