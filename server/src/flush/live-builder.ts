/** Port: fills a cold season's memory. Implemented by redis/. One builder at a time; what it fills is shadow keys
 *  until `publish` renames them in one step, so that a half-built season is never seen. */

import type { SeasonState } from '@photofinish/shared/domain/season';
import type { LiveSeason } from '../board/live-board.ts';
import type { EntryRecord } from './dirty-queue.ts';

/** Which life of a season is found to be in the past. Without any of these: whichever it is. */
export interface Rollback {
  /** Only this one: another was begun since, and is well. */
  epoch?: number;
  /** Only while it is at a version below this one. */
  below?: number;
  /** Only if it was built in another run of Redis: a restart, or a replica that took over, may have gone back in time. */
  otherRun?: boolean;
}

export interface LiveBuilder {
  isWarm(season: LiveSeason): Promise<boolean>;
  /** The epoch of a warm season that keeps no levels (for dense ranks); undefined for any other. */
  withoutLevels(season: LiveSeason): Promise<number | undefined>;
  /** True when `token` now holds the build lock, for `ttlMs`. */
  lock(season: LiveSeason, token: string, ttlMs: number): Promise<boolean>;
  /** Prolongs the lock while `token` holds it; takes none. */
  keepLock(season: LiveSeason, token: string, ttlMs: number): Promise<boolean>;
  /** Makes a warm season cold and keeps its entries for the next build to merge. False when `which` does not fit (any more). */
  setAside(season: LiveSeason, token: string, which: Rollback): Promise<boolean>;
  /** Drops leftovers of an earlier, unfinished build. True when a life of the season was set aside. */
  begin(season: LiveSeason, token: string): Promise<boolean>;
  /** What the life that was set aside has of these players, in their order. */
  leftover(season: LiveSeason, players: readonly string[]): Promise<(EntryRecord | undefined)[]>;
  /** Its entries that were never flushed and are not in the build yet; may repeat one. */
  unflushedLeftovers(season: LiveSeason): AsyncIterable<EntryRecord[]>;
  /** Adds entries to the shadow keys; those with a `rev` above 0 are dirty in the new life. False when the lock was lost: stop. */
  fill(season: LiveSeason, token: string, records: readonly EntryRecord[]): Promise<boolean>;
  /** These players are hidden in the new life. Before any entry is filled. False when the lock was lost: stop. */
  hide(season: LiveSeason, token: string, players: readonly string[]): Promise<boolean>;
  /** Makes the season warm under `epoch`, told of version `hiding` of the list of hidden players, 0 when left out. False when the lock was lost or the season is warm already: nothing changed. */
  publish(
    season: LiveSeason,
    token: string,
    as: { epoch: number; state: SeasonState; hiding?: number },
  ): Promise<boolean>;
  unlock(season: LiveSeason, token: string): Promise<void>;
}
