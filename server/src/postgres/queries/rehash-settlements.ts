import type { Sql } from '../connection.ts';
import { sha256Of } from './rank-standings.ts';

export interface Change {
  player: string;
  pseudonym: string;
}

/** What became of one settled table. `found` differs from `before` where the table was not the settled one even then. */
export interface Rehashed {
  season: string;
  rank: number;
  before: string;
  found: string;
  now: string;
}

/** Settled tables in which a player is renamed: before it each is checked against its hash, and afterwards it has a second one. The first
 *  stays, for whoever kept the table as it was settled; a table that had been changed otherwise gets no second one, and so stays found out.
 *  @returns what to call after the renaming */
export async function rehashSettlements(
  sql: Sql,
  { player }: Change,
): Promise<(tell: (settlement: Rehashed) => Promise<void>) => Promise<void>> {
  const hashOf = (seasons: string[]) => sql<{ season: string; sha256: string }[]>`
    select season, ${sha256Of(sql)} as sha256 from settled_standings
    where season = any (string_to_array(${seasons.join(',')}, ',')) group by season`;
  const settled = await sql<{ season: string; rank: number; before: string }[]>`
    select s.season, s.rank, coalesce(t.sha256_now, t.sha256) as before
    from settled_standings s join settlements t on t.season = s.season
    where s.player = ${player} order by s.season`;
  const seasons = settled.map(({ season }) => season);
  const hashes = async () =>
    new Map(
      seasons.length === 0 ? [] : (await hashOf(seasons)).map(({ season, sha256 }) => [season, sha256]),
    );
  const found = await hashes();
  return async (tell) => {
    const now = await hashes();
    for (const { season, rank, before } of settled) {
      const rehashed = { season, rank, before, found: found.get(season) ?? '', now: now.get(season) ?? '' };
      if (rehashed.found === before)
        await sql`update settlements set sha256_now = ${rehashed.now} where season = ${season}`;
      await tell({ ...rehashed });
    }
  };
}
