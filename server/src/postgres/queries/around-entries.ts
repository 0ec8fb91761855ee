import type { SortOrder } from '@photofinish/shared/domain/order';
import type { Sql } from '../connection.ts';
import { totalOrder } from '../total-order.ts';
import { type RankedRows, type RankedTable, rankedRows } from './top-entries.ts';

export interface AroundPlayer {
  table: RankedTable;
  season: string;
  sortOrder: SortOrder;
  player: string;
  above: number;
  below: number;
}

/** No entries when the player has none. */
export async function aroundEntries(sql: Sql, of: AroundPlayer): Promise<RankedRows> {
  const rows = await sql<Parameters<typeof rankedRows>[0][number][]>`
    with ranked as materialized (
      select player, score, achieved_at, row_number() over (order by ${totalOrder(sql, of.sortOrder)}) as rank
      from ${sql(of.table)} where season = ${of.season}),
    own as (select rank from ranked where player = ${of.player}),
    near as (
      select ranked.rank, ranked.player, ranked.score, ranked.achieved_at
      from own join ranked on ranked.rank between own.rank - ${of.above} and own.rank + ${of.below})
    select counted.total, near.rank, near.player, near.score, near.achieved_at as "achievedAt"
    from (select count(*) as total from ranked) counted left join near on true
    order by near.rank`;
  return rankedRows(rows);
}
