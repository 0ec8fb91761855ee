import { and, eq, sql } from 'drizzle-orm';
import type { BoardUpdate, StoredBoard } from '../../board/board-store.ts';
import { boardColumns, boardOf, ruleColumns } from '../board-columns.ts';
import type { Database } from '../connection.ts';
import { boardNotFound } from '../missing.ts';
import { boards } from '../schema.ts';
import { findBoard } from './find-board.ts';
import { replanBoard } from './plan-boundary.ts';
import { recordAudit } from './record-audit.ts';

/** Two that change a board at once:
 *    1. A and B read version 4
 *    2. A writes 5
 *    3. B's update waits for A's row, finds no version 4 any more, and changes nothing   <- its caller looks again
 *  @throws Fault BOARD_NOT_FOUND */
export async function updateBoard(db: Database, update: BoardUpdate): Promise<StoredBoard | undefined> {
  const { board, version, changed, at, by } = update;
  const [row] = await db
    .update(boards)
    .set({ ...ruleColumns(board), version: sql`${boards.version} + 1`, updatedAt: at })
    .where(and(eq(boards.id, board.id), eq(boards.version, version)))
    .returning(boardColumns);
  if (!row) {
    if (!(await findBoard(db, board.id))) throw boardNotFound(board.id);
    return undefined;
  }
  if (Object.keys(changed).some((path) => path.split('.')[0] === 'season')) await replanBoard(db, board);
  const detail = { version: row.version, changed };
  await recordAudit(db, { by, action: 'board.update', target: board.id, detail });
  return boardOf(row);
}
