import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Database } from '../connection.ts';
import { boards } from '../schema.ts';
import { recordAudit } from './record-audit.ts';

/** @throws Fault BOARD_EXISTS */
export async function createBoard(db: Database, board: Board, by: string): Promise<void> {
  const { id, title, kind, sortOrder, operator } = board;
  const created = await db
    .insert(boards)
    .values({ id, title, kind, sortOrder, operator, rules: board })
    .onConflictDoNothing({ target: boards.id })
    .returning({ id: boards.id });
  if (created.length === 0)
    throw new Fault('BOARD_EXISTS', `id: there is a board ${id} already`, {
      field: 'id',
      fix: 'choose another id',
    });
  await recordAudit(db, { by, action: 'board.create', target: id, detail: { kind, sortOrder, operator } });
}
