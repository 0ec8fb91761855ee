/** Port: which seasons are in memory, and taking one out. Implemented by redis/. */
import type { LiveSeason, Position } from '../board/live-board.ts';

export interface WarmSeasons {
  /** Of all seasons that Redis holds; another database's may be among them. */
  ids(): Promise<string[]>;
  /** In one step: only with nothing dirty and nothing claimed, and while the season is as it was seen, where that is said. @returns whether
   *  it is out */
  evict(season: LiveSeason, seen?: Position): Promise<boolean>;
}
