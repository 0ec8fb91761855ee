/** The flushers of all live seasons. Any server may flush any season: a lease keeps it to one at a time, for efficiency only. */
import type { LiveSeason, Position } from '../board/live-board.ts';
import { type FlushCause, SeasonFlusher, type SeasonFlusherDeps } from './season-flusher.ts';

export class Flusher {
  readonly #deps: SeasonFlusherDeps;
  readonly #liveSeasons: () => Promise<LiveSeason[]>;
  readonly #seasons = new Map<string, SeasonFlusher>();
  readonly #sweepMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: SeasonFlusherDeps & { liveSeasons: () => Promise<LiveSeason[]>; sweepMs: number }) {
    this.#deps = deps;
    this.#liveSeasons = deps.liveSeasons;
    this.#sweepMs = deps.sweepMs;
    deps.breaker?.onClosed(() => void this.#resume());
  }

  async start(): Promise<void> {
    await this.#sweep();
    this.#timer = setInterval(() => {
      this.#sweep().catch((error) => this.#deps.log.warn({ err: error }, 'looking for live seasons failed'));
    }, this.#sweepMs);
  }

  /** Told after every batch of ticks how many entries of the season wait. Looks after the season from its first one on. */
  dirtied(season: LiveSeason, dirty: number): void {
    const flusher = this.#of(season);
    if (dirty >= season.board.flush.dirtyThreshold) flusher.nudge('threshold');
  }

  /** Asks for a flush soon. */
  nudge(season: LiveSeason, cause: FlushCause): void {
    this.#of(season).nudge(cause);
  }

  /** Resolves when all that was acked before the call is committed. @throws when it cannot be, within the time */
  async drain(season: LiveSeason, cause: FlushCause, withinMs: number): Promise<void> {
    await this.#of(season).drain(cause, performance.now() + withinMs);
  }

  /** Resolves when all changes up to the position are committed; ticks may go on meanwhile. @throws when they cannot be, within the time */
  reach(season: LiveSeason, to: { position: Position; cause: FlushCause; deadline: number }): Promise<void> {
    return this.#of(season).reach(to);
  }

  /** Flushes what is dirty, then lets the leases go. What cannot be flushed in time stays dirty in Redis, where the next server finds it.
   *  @throws Error once all is tried, when something was not flushed */
  async stop(withinMs: number): Promise<void> {
    clearInterval(this.#timer);
    let undrained = 0;
    const deadline = performance.now() + withinMs;
    await Promise.all(
      [...this.#seasons.values()].map(async (flusher) => {
        await flusher.stop();
        try {
          await flusher.drain('shutdown', deadline);
        } catch (error) {
          undrained++;
          this.#deps.log.error(
            { err: error, season: flusher.season.id },
            'season not drained at shutdown; its entries stay dirty in Redis',
          );
        }
        await this.#deps.queue.release(flusher.season, this.#deps.owner).catch(() => undefined);
      }),
    );
    this.#seasons.clear();
    if (undrained > 0) throw new Error(`${undrained} seasons were not drained`);
  }

  /** Oldest first and one after the other: what has waited longest is at risk longest, and a database that has just come back
   *  is not met by everything at once. */
  async #resume(): Promise<void> {
    const paused = [...this.#seasons.values()]
      .filter((flusher) => flusher.isPaused)
      .sort((a, b) => a.oldestDirtyAt - b.oldestDirtyAt);
    for (const flusher of paused) {
      if (this.#deps.breaker?.isOpen) return;
      await flusher.resume();
    }
  }

  #of(season: LiveSeason): SeasonFlusher {
    let flusher = this.#seasons.get(season.id);
    if (!flusher) {
      flusher = new SeasonFlusher(season, this.#deps);
      this.#seasons.set(season.id, flusher);
    }
    return flusher;
  }

  /** Between flushes too, whatever their interval: other servers must see who is there. One whose flushes fail is silent, so that its
   *  seasons go to others. */
  async #renewLeases(): Promise<void> {
    const { queue, owner, leaseMs, log } = this.#deps;
    const well = [...this.#seasons.values()].filter((flusher) => !flusher.failing);
    try {
      await Promise.all(well.map(({ season }) => queue.lease(season, owner, leaseMs)));
    } catch (error) {
      log.debug({ err: error }, 'leases not renewed; it is tried again');
    }
  }

  async #sweep(): Promise<void> {
    const live = await this.#liveSeasons();
    const ids = new Set(live.map((season) => season.id));
    for (const season of live) this.#of(season);
    await this.#renewLeases();
    for (const [id, flusher] of this.#seasons) {
      if (ids.has(id)) continue;
      this.#seasons.delete(id);
      await flusher.forget();
    }
  }
}
