import type { SortOrder } from '@photofinish/shared/domain/order';
import type { RankedEntry } from '@photofinish/shared/protocol/replies';
import type { Sql } from '../connection.ts';
import { totalOrder } from '../total-order.ts';

/** What has ranks: entries as of the last flush, or the standings that a settlement fixed. Both have the columns that ranking takes. */
export type RankedTable = 'snapshot_entries' | 'settled_standings';

export interface RankedRows {
  total: number;
  entries: RankedEntry[];
}

type Row = { total: number } & { [K in keyof RankedEntry]: RankedEntry[K] | null };

/** Each of these reads is one statement, so its ranks and its total are of one moment. None has an index to lean on (the snapshot has
 *  none on score, see schema.ts): they sort the season, about a second per million entries. */
export async function topEntries(
  sql: Sql,
  of: { table: RankedTable; season: string; sortOrder: SortOrder; limit: number },
): Promise<RankedRows> {
  const rows = await sql<Row[]>`
    with entries as (select player, score, columns_key, achieved_at from ${sql(of.table)} where season = ${of.season}),
    ranked as (
      select player, score, achieved_at, row_number() over (order by ${totalOrder(sql, of.sortOrder)}) as rank
      from entries order by ${totalOrder(sql, of.sortOrder)} limit ${of.limit})
    select counted.total, ranked.rank, ranked.player, ranked.score, ranked.achieved_at as "achievedAt"
    from (select count(*) as total from entries) counted left join ranked on true
    order by ranked.rank`;
  return rankedRows(rows);
}

/** Every row carries the total; the one row of an empty answer carries nothing else. */
export function rankedRows(rows: readonly Row[]): RankedRows {
  const entries: RankedEntry[] = [];
  for (const { rank, player, score, achievedAt } of rows)
    if (rank !== null && player !== null && score !== null && achievedAt !== null)
      entries.push({ rank, player, score, achievedAt });
  return { total: rows[0]?.total ?? 0, entries };
}
