/** What has ranks in Postgres, and how its rows are read: the one place that knows which columns ranking takes. */
import type { OrderKey, SortOrder } from '@photofinish/shared/domain/order';
import type { Ranking } from '@photofinish/shared/domain/rank';
import type { Sql } from './connection.ts';
import { equalBy, rankOver, totalOrder } from './total-order.ts';

export interface RankedTable {
  /** Entries as of the last flush, or the standings that a settlement fixed. */
  table: 'snapshot_entries' | 'settled_standings';
  season: string;
  sortOrder: SortOrder;
  ranking: Ranking;
}

/** The rows that take a place. */
export const entriesOf = (sql: Sql, { table, season }: RankedTable) =>
  sql`select player, score, achieved_at from ${sql(table)} where season = ${season}`;

/** The same with their numbers. `better`: how many entries are better than it, and one. Sorts the season once. */
export const numberedEntries = (sql: Sql, of: RankedTable) => sql`
  select player, score, achieved_at, row_number() over (order by ${totalOrder(sql, of.sortOrder)}) as place,
    ${rankOver(sql, of)} as rank, rank() over (order by ${equalBy(sql, of.sortOrder)}) as better
  from (${entriesOf(sql, of)}) as entries`;

/** Of a row that may be the one of an empty answer, which carries totals alone. */
export type MaybeKey = { [K in keyof OrderKey]: OrderKey[K] | null };

export function keyOf({ player, score, achievedAt }: MaybeKey): OrderKey[] {
  return player === null || score === null || achievedAt === null ? [] : [{ player, score, achievedAt }];
}
