/** The total order of `shared/domain/order.ts` as SQL. `player` must be a column of collation "C": text of another collation sorts by
 *  language, and two servers would disagree about a tie. */
import { type OrderKey, rankedScore, type SortOrder } from '@photofinish/shared/domain/order';
import type { Ranking } from '@photofinish/shared/domain/rank';
import type { Sql } from './connection.ts';

/** For `order by`, in a query with the columns score, columns_key, achieved_at and player. */
export const totalOrder = (sql: Sql, sortOrder: SortOrder) =>
  sortOrder === 'desc'
    ? sql`score desc, columns_key, achieved_at, player`
    : sql`score, columns_key, achieved_at, player`;

/** The same from the end. */
export const reversedOrder = (sql: Sql, sortOrder: SortOrder) =>
  sortOrder === 'desc'
    ? sql`score, columns_key desc, achieved_at desc, player desc`
    : sql`score desc, columns_key desc, achieved_at desc, player desc`;

/** What makes entries equal, better ones first. */
const unitOrder = (sql: Sql, sortOrder: SortOrder) =>
  sortOrder === 'desc' ? sql`score desc, columns_key` : sql`score, columns_key`;

const smallerIsBetter = (sql: Sql, sortOrder: SortOrder) =>
  sortOrder === 'desc' ? sql`(- score)` : sql`score`;

/** What makes entries equal as one value: the smaller one is better. */
export const unitRow = (sql: Sql, sortOrder: SortOrder) =>
  sql`(${smallerIsBetter(sql, sortOrder)}, columns_key)`;

/** The columns of the order as one value: rows compare as `compareEntries` does. */
export const orderRow = (sql: Sql, sortOrder: SortOrder) =>
  sql`(${smallerIsBetter(sql, sortOrder)}, columns_key, achieved_at, player)`;

export const orderRowOf = (sql: Sql, sortOrder: SortOrder, key: OrderKey) =>
  sql`(${rankedScore(sortOrder, key.score)}::bigint, ${key.columnsKey ?? ''}::text, ${key.achievedAt}::bigint, ${key.player}::text)`;

type Fragment = ReturnType<typeof totalOrder>;

/** For `over`: 1 more than how many entries are better. @param each what is ranked by itself, as `partition by` says; all together when left out */
export const betterOver = (sql: Sql, sortOrder: SortOrder, each: Fragment = sql``) =>
  sql`rank() over (${each} order by ${unitOrder(sql, sortOrder)})`;

/** For `over`: the number that the ranking gives. */
export const rankOver = (
  sql: Sql,
  { sortOrder, ranking }: { sortOrder: SortOrder; ranking: Ranking },
  each: Fragment = sql``,
) => {
  if (ranking === 'ordinal') return sql`row_number() over (${each} order by ${totalOrder(sql, sortOrder)})`;
  if (ranking === 'dense') return sql`dense_rank() over (${each} order by ${unitOrder(sql, sortOrder)})`;
  return betterOver(sql, sortOrder, each);
};
