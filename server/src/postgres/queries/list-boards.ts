import type { StoredBoard } from '../../board/board-store.ts';
import { boardColumns, boardOf } from '../board-columns.ts';
import type { Database } from '../connection.ts';
import { boards } from '../schema.ts';

export async function listBoards(db: Database): Promise<StoredBoard[]> {
  const rows = await db.select(boardColumns).from(boards).orderBy(boards.id);
  return rows.map(boardOf);
}
