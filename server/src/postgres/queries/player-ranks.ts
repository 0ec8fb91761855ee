import type { PlayerPlace } from '../../board/placed-entry.ts';
import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import { keyOf, type MaybeKey, numberedEntries, type RankedTable } from '../ranked-table.ts';

interface Row extends MaybeKey {
  total: number;
  place: number;
  rank: number;
  better: number;
}

/** Of those players that have an entry, in the total order. */
export async function playerRanks(
  sql: Sql,
  of: RankedTable & { players: readonly string[] },
): Promise<{ total: number; entries: PlayerPlace[] }> {
  const rows = await sql<Row[]>`
    with numbered as materialized (${numberedEntries(sql, of)}),
    asked as (select * from numbered where player = any (${textArray(of.players)}::text[]))
    select counted.total, asked.place, asked.rank, asked.better - 1 as better, asked.player, asked.score,
      asked.achieved_at as "achievedAt"
    from (select count(*) as total from numbered) counted left join asked on true
    order by asked.place`;
  const entries = rows.flatMap((row) =>
    keyOf(row).map((key) => ({ ...key, place: row.place, rank: row.rank, better: row.better })),
  );
  return { total: rows[0]?.total ?? 0, entries };
}
