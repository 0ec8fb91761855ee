/** Port: ranks of a season that come from the database of record. Implemented by postgres/. */
import type { RankedEntry } from '@photofinish/shared/protocol/replies';
import type { LiveSeason } from './live-board.ts';

export interface RankedReads {
  /** The first `limit` entries in the total order. */
  top(season: LiveSeason, limit: number): Promise<{ total: number; entries: RankedEntry[] }>;
  /** `above` entries before the player, the player, `below` after; empty when the player has none. */
  around(
    season: LiveSeason,
    of: { player: string; above: number; below: number },
  ): Promise<{ total: number; entries: RankedEntry[] }>;
  /** In the order asked; undefined where there is no entry. */
  ranks(
    season: LiveSeason,
    players: readonly string[],
  ): Promise<{ total: number; entries: (RankedEntry | undefined)[] }>;
}
