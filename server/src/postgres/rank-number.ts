/** The number that an entry bears, by the board's ranking, as SQL. Entries are equal with the same score and the same columns. */
import type { Board } from '@photofinish/shared/domain/board';
import type { Sql } from './connection.ts';
import { totalOrder } from './total-order.ts';

/** For `select`, in a query with the columns score, columns_key, achieved_at and player, over all entries that have places. */
export const rankNumber = (sql: Sql, { ranking, sortOrder }: Pick<Board, 'ranking' | 'sortOrder'>) => {
  const unit = sortOrder === 'desc' ? sql`score desc, columns_key` : sql`score, columns_key`;
  if (ranking === 'competition') return sql`rank() over (order by ${unit})`;
  if (ranking === 'dense') return sql`dense_rank() over (order by ${unit})`;
  return sql`row_number() over (order by ${totalOrder(sql, sortOrder)})`;
};
