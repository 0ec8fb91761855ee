import { eq } from 'drizzle-orm';
import type { StoredBoard } from '../../board/board-store.ts';
import { boardColumns, boardOf } from '../board-columns.ts';
import type { Database } from '../connection.ts';
import { boards } from '../schema.ts';

export async function findBoard(db: Database, id: string): Promise<StoredBoard | undefined> {
  const [row] = await db.select(boardColumns).from(boards).where(eq(boards.id, id));
  return row && boardOf(row);
}
