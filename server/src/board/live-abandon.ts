/** Port: an abandoned match in the live season. Implemented by redis/. */
import type { Cold, LiveSeason } from './live-board.ts';

export interface Abandoned {
  kind: 'ok';
  epoch: number;
  /** Entries that had something of the match. */
  changed: number;
  /** The newest rev among the entries of which the match is over; 0 where all are as they were loaded. */
  rev: number;
}

export interface LiveAbandon {
  /** Drops the match's provisional scores and ends it for these players, whatever the season's state. A player who has begun a newer match, or
   *  has no entry, is left alone. Again it changes nothing. */
  abandon(
    season: LiveSeason,
    match: { matchKey: string; players: readonly string[] },
    now: number,
  ): Promise<Cold | Abandoned>;
}
