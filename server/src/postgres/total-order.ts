/** The total order of `shared/domain/order.ts` as SQL. `player` must be a column of collation "C": text of another collation sorts by
 *  language, and two servers would disagree about a tie. */
import type { SortOrder } from '@photofinish/shared/domain/order';
import type { Sql } from './connection.ts';

/** For `order by`, in a query with the columns score, columns_key, achieved_at and player. */
export const totalOrder = (sql: Sql, sortOrder: SortOrder) =>
  sortOrder === 'desc'
    ? sql`score desc, columns_key, achieved_at, player`
    : sql`score, columns_key, achieved_at, player`;
