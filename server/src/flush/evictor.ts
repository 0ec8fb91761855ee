/** Takes idle seasons out of memory: flushed first, then deleted in one step, only if nothing changed meanwhile. The next look at one
 *  that is open rebuilds it; a closed one is read from the snapshot.
 *
 *  Idle means that no entry changed: who only reads an open season keeps nothing in memory, and rebuilds it once per `idleMs`.
 *
 *  A tick that races with an eviction comes before it and marks its season dirty, which then stays; or after it, finds the season
 *  cold, and waits for the rebuild. There is nothing in between. */

import { takesFinals } from '@photofinish/shared/domain/season';
import type { LiveBoard, LiveSeason, Position } from '../board/live-board.ts';
import { Rounds } from '../board/rounds.ts';
import type { Log } from '../observe/log.ts';
import type { DirtyQueue } from './dirty-queue.ts';
import type { FlushFailureStore } from './flush-failure-store.ts';
import type { Flusher } from './flusher.ts';
import type { WarmSeasons } from './warm-seasons.ts';

/** idle: nothing changed for long. closed: nothing changes any more. */
export const EVICTION_CAUSES = ['idle', 'closed'] as const;
export type EvictionCause = (typeof EVICTION_CAUSES)[number];

export interface EvictionObserver {
  evicted(cause: EvictionCause): void;
}

/** Those who watch the end of a season have it live a little longer. */
const CLOSED_IDLE_MS = 30_000;
const SWEEP_MS = 2_000;
const DRAIN_MS = 10_000;

interface Deps {
  live: Pick<LiveBoard, 'window'>;
  warm: Pick<WarmSeasons, 'evict'>;
  flusher: Pick<Flusher, 'drain'>;
  queue: Pick<DirtyQueue, 'lease'>;
  parking?: Pick<FlushFailureStore, 'list'> | undefined;
  liveSeasons: () => Promise<LiveSeason[]>;
  owner: string;
  leaseMs: number;
  idleMs: number;
  log: Log;
  observer: EvictionObserver;
}

interface Seen extends Position {
  /** On this process's own clock, which no one sets. */
  since: number;
}

export class Evictor {
  readonly #deps: Deps;
  readonly #seen = new Map<string, Seen>();
  readonly #rounds: Rounds;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      everyMs: SWEEP_MS,
      round: () => this.sweep(),
      failed: (error) =>
        deps.log.debug({ err: error }, 'seasons were not looked at for eviction; it runs again'),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Looks at every live season once. Rejects never. */
  async sweep(): Promise<void> {
    const seasons = await this.#deps.liveSeasons().catch(() => []);
    const ids = new Set(seasons.map((season) => season.id));
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id);
    for (const season of seasons)
      await this.#look(season).catch((error) =>
        this.#deps.log.debug({ err: error, season: season.id }, 'season not evicted; it is tried again'),
      );
  }

  async #look(season: LiveSeason): Promise<void> {
    const { live, idleMs, queue, owner, leaseMs } = this.#deps;
    const window = await live.window(season);
    if (window.kind === 'cold') {
      this.#seen.delete(season.id);
      return;
    }
    const { epoch, version } = window;
    const before = this.#seen.get(season.id);
    const now = performance.now();
    const same = before?.epoch === epoch && before.version === version;
    const seen = same ? before : { epoch, version, since: now };
    this.#seen.set(season.id, seen);
    const closed = !takesFinals(window.state);
    if (now - seen.since < (closed ? Math.min(CLOSED_IDLE_MS, idleMs) : idleMs)) return;
    if (!(await queue.lease(season, owner, leaseMs))) return;
    await this.#evict(season, seen, closed ? 'closed' : 'idle');
  }

  async #evict(season: LiveSeason, seen: Position, cause: EvictionCause): Promise<void> {
    const { flusher, warm, observer, log } = this.#deps;
    await flusher.drain(season, 'eviction', DRAIN_MS);
    // Its entry would be shown as the snapshot has it, without the parked change, until an admin has it retried.
    if ((await this.#deps.parking?.list({ season: season.id, limit: 1 }))?.total) return;
    if (!(await warm.evict(season, seen))) return;
    this.#seen.delete(season.id);
    observer.evicted(cause);
    log.info({ season: season.id, cause, epoch: seen.epoch, version: seen.version }, 'season evicted');
  }
}
