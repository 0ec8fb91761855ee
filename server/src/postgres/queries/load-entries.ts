import type { Sql } from '../connection.ts';

/** One player of a season, as the snapshot has it and as finals have it; at least one of them is there. */
export interface StoredEntry {
  player: string;
  /** Null where there is no snapshot of this player. */
  score: number | null;
  achieved_at: number;
  confirmed: number | null;
  confirmed_at: number | null;
  finals: number;
  provisional: number | null;
  provisional_at: number | null;
  match_key: string;
  match_ended: boolean;
  seqs: string;
  /** Null where this player has no final. */
  standing: number | null;
  standing_at: number;
  standing_finals: number;
  standing_match_key: string;
}

/** The next `limit` players after `after`, in key order. By keys and not by a cursor, so that no transaction and no connection is held
 *  while the other side is being filled; entries do not depend on each other, so pages need not be of one moment. */
export async function loadEntries(
  sql: Sql,
  page: { season: string; after: string; limit: number },
): Promise<StoredEntry[]> {
  const { season, after, limit } = page;
  return sql<StoredEntry[]>`
    select keys.player,
      e.score, e.achieved_at, e.confirmed, e.confirmed_at, e.finals, e.provisional, e.provisional_at,
      e.match_key, e.match_ended, e.seqs,
      s.score as standing, s.achieved_at as standing_at, s.finals as standing_finals, s.match_key as standing_match_key
    from (
      (select player from snapshot_entries where season = ${season} and player > ${after}
        order by player limit ${limit})
      union
      (select player from standings where season = ${season} and player > ${after} order by player limit ${limit})
      order by player limit ${limit}
    ) as keys
    left join snapshot_entries e on e.season = ${season} and e.player = keys.player
    left join standings s on s.season = ${season} and s.player = keys.player
    order by keys.player`;
}
