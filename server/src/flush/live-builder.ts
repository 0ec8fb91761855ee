/** Port: fills a cold season's memory. Implemented by redis/. One builder at a time; what it fills is shadow keys
 *  until `publish` renames them in one step, so that a half-built season is never seen. */

import type { SeasonState } from '@photofinish/shared/domain/season';
import type { LiveSeason } from '../board/live-board.ts';
import type { EntryRecord } from './dirty-queue.ts';

export interface LiveBuilder {
  isWarm(season: LiveSeason): Promise<boolean>;
  /** True when `token` now holds the build lock, for `ttlMs`. */
  lock(season: LiveSeason, token: string, ttlMs: number): Promise<boolean>;
  /** Drops leftovers of an earlier, unfinished build. */
  begin(season: LiveSeason, token: string): Promise<void>;
  /** Adds entries to the shadow keys and prolongs the lock. False when the lock was lost: stop. */
  fill(season: LiveSeason, token: string, records: readonly EntryRecord[], ttlMs: number): Promise<boolean>;
  /** Makes the season warm under `epoch`. False when the lock was lost or the season is warm already: nothing changed. */
  publish(season: LiveSeason, token: string, as: { epoch: number; state: SeasonState }): Promise<boolean>;
  unlock(season: LiveSeason, token: string): Promise<void>;
}
