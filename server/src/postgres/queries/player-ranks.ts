import type { SortOrder } from '@photofinish/shared/domain/order';
import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import { totalOrder } from '../total-order.ts';
import { type RankedRows, type RankedTable, rankedRows } from './top-entries.ts';

/** Of those players that have an entry, in rank order. */
export async function playerRanks(
  sql: Sql,
  of: { table: RankedTable; season: string; sortOrder: SortOrder; players: readonly string[] },
): Promise<RankedRows> {
  const rows = await sql<Parameters<typeof rankedRows>[0][number][]>`
    with ranked as materialized (
      select player, score, achieved_at, row_number() over (order by ${totalOrder(sql, of.sortOrder)}) as rank
      from ${sql(of.table)} where season = ${of.season}),
    asked as (select rank, player, score, achieved_at from ranked where player = any (${textArray(of.players)}::text[]))
    select counted.total, asked.rank, asked.player, asked.score, asked.achieved_at as "achievedAt"
    from (select count(*) as total from ranked) counted left join asked on true
    order by asked.rank`;
  return rankedRows(rows);
}
