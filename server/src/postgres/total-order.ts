/** The total order of `shared/domain/order.ts` as SQL. `player` must be a column of collation "C": text of another collation sorts by
 *  language, and two servers would disagree about a tie. */
import type { OrderKey, SortOrder } from '@photofinish/shared/domain/order';
import { rankedScore } from '@photofinish/shared/domain/order';
import type { Ranking } from '@photofinish/shared/domain/rank';
import type { Sql } from './connection.ts';

/** For `order by`, in a query with the columns score, achieved_at and player. */
export const totalOrder = (sql: Sql, sortOrder: SortOrder) =>
  sortOrder === 'desc' ? sql`score desc, achieved_at, player` : sql`score, achieved_at, player`;

/** The score made "smaller is better". */
export const rankedScoreSql = (sql: Sql, sortOrder: SortOrder) =>
  sortOrder === 'desc' ? sql`(- score)` : sql`score`;

/** What makes two entries equal, for windows and for counting them apart. */
export const equalBy = (sql: Sql, sortOrder: SortOrder) =>
  sortOrder === 'desc' ? sql`score desc` : sql`score`;

/** The columns of the order as one value, so that rows compare as `compareEntries` does. */
export const orderRow = (sql: Sql, sortOrder: SortOrder) =>
  sql`(${rankedScoreSql(sql, sortOrder)}, achieved_at, player)`;

export const orderRowOf = (sql: Sql, sortOrder: SortOrder, key: OrderKey) =>
  sql`(${rankedScore(sortOrder, key.score)}::bigint, ${key.achievedAt}::bigint, ${key.player}::text)`;

/** For `over`: the numbers that the ranking gives. */
export const rankOver = (sql: Sql, { sortOrder, ranking }: { sortOrder: SortOrder; ranking: Ranking }) => {
  if (ranking === 'ordinal') return sql`row_number() over (order by ${totalOrder(sql, sortOrder)})`;
  if (ranking === 'dense') return sql`dense_rank() over (order by ${equalBy(sql, sortOrder)})`;
  return sql`rank() over (order by ${equalBy(sql, sortOrder)})`;
};
