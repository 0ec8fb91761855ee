/** Port: who is hidden, in the live season. Implemented by redis/. A hidden player keeps the entry and stands in no ranking; one without
 *  an entry will not stand in any either.
 *
 *  A season remembers which version of the database's list it was told. A change that comes late, after a newer version, does nothing. */
import type { Cold, LiveSeason } from './live-board.ts';

export interface LiveHidingChange {
  hide: readonly string[];
  show: readonly string[];
  /** Of the database's list that this is taken from. */
  version: number;
  /** The season is at `version` after this if it was told exactly this one before. */
  after: number;
}

export interface LiveHiding {
  /** What the season was told last; a cold one knows nothing, and is told when it is rebuilt. */
  version(season: LiveSeason): Promise<Cold | { kind: 'ok'; version: number }>;
  /** Who is hidden in the season; may repeat a player, misses none that stays. */
  hidden(season: LiveSeason): AsyncIterable<string[]>;
  /** In one step. A cold season stays cold. @returns what the season was told last, after this */
  setHidden(season: LiveSeason, change: LiveHidingChange): Promise<Cold | { kind: 'ok'; version: number }>;
}
