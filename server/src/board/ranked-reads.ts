/** Port: ranks of a season that come from the database of record. Implemented by postgres/. */
import type { LiveSeason } from './live-board.ts';
import type { Around, Page, PageOf, PlacedEntry, Ranks } from './placed-entry.ts';

export interface RankedReads {
  /** Entries in the total order: from its beginning, from an entry on, or within a range of scores. */
  page(season: LiveSeason, of: PageOf): Promise<Page>;
  /** `above` entries before the player, the player, `below` after; empty when the player stands nowhere. */
  around(season: LiveSeason, of: Around): Promise<{ total: number; entries: PlacedEntry[] }>;
  ranks(season: LiveSeason, players: readonly string[]): Promise<Ranks>;
}
