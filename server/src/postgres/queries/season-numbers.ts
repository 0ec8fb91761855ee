import { and, eq, max } from 'drizzle-orm';
import type { Season } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { seasons } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';

/** Of the board's next season. Belongs in a transaction that holds the board's row. */
export async function nextNumber(db: Database, board: string): Promise<number> {
  const [last] = await db
    .select({ number: max(seasons.number) })
    .from(seasons)
    .where(eq(seasons.board, board));
  return (last?.number ?? 0) + 1;
}

/** There is at most one in each of these states. */
export async function seasonIn(
  db: Database,
  board: string,
  state: 'upcoming' | 'open',
): Promise<Season | undefined> {
  const [row] = await db
    .select(seasonColumns)
    .from(seasons)
    .where(and(eq(seasons.board, board), eq(seasons.state, state)));
  return row && seasonOf(row);
}
