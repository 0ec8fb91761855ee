import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { StoredBoard } from '../../board/board-store.ts';
import { boardColumns, boardOf, ruleColumns } from '../board-columns.ts';
import type { Database } from '../connection.ts';
import { boards } from '../schema.ts';
import { recordAudit } from './record-audit.ts';

/** @throws Fault BOARD_EXISTS */
export async function createBoard(db: Database, board: Board, by: string): Promise<StoredBoard> {
  const { id } = board;
  const [created] = await db
    .insert(boards)
    .values({ id, ...ruleColumns(board) })
    .onConflictDoNothing({ target: boards.id })
    .returning(boardColumns);
  if (!created)
    throw new Fault('BOARD_EXISTS', `id: there is a board ${id} already`, {
      field: 'id',
      fix: 'choose another id',
    });
  await recordAudit(db, { by, action: 'board.create', target: id, detail: { rules: board } });
  return boardOf(created);
}
