/** Port: one player in the live seasons. Implemented by redis/. */
import type { LiveSeason } from './live-board.ts';

export interface LivePlayers {
  /** Whether the season's memory holds an entry of the player, warm or not. */
  has(season: LiveSeason, player: string): Promise<boolean>;
  /** In one step: the player's entry goes on as `to`, at the same place, without its metadata and its writers' seqs, and is dirty; where
   *  `to` has an entry already, the player's is dropped. Nothing in the season names the player after it.
   *  building: the season is being rebuilt, and may be from rows that named the player; ask again later. */
  rename(
    season: LiveSeason,
    of: { from: string; to: string; now: number },
  ): Promise<'renamed' | 'absent' | 'building'>;
}
