import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import type { StoredEntry } from './load-entries.ts';

/** These players of a season, as the snapshot has them and as finals have them; those that neither has are left out. */
export async function findEntries(
  sql: Sql,
  of: { season: string; players: readonly string[] },
): Promise<StoredEntry[]> {
  const { season, players } = of;
  return sql<StoredEntry[]>`
    select keys.player,
      e.score, e.achieved_at, e.confirmed, e.confirmed_at, e.finals, e.provisional, e.provisional_at,
      e.match_key, e.match_ended, e.seqs,
      s.score as standing, s.achieved_at as standing_at, s.finals as standing_finals, s.match_key as standing_match_key
    from (select distinct player collate "C" as player from unnest(${textArray(players)}::text[]) as sent (player)) as keys
    left join snapshot_entries e on e.season = ${season} and e.player = keys.player
    left join standings s on s.season = ${season} and s.player = keys.player
    where e.player is not null or s.player is not null
    order by keys.player`;
}
