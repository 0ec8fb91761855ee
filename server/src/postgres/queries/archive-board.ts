import { Fault } from '@photofinish/shared/protocol/errors';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { boardChanged } from '../../board/board-change.ts';
import type { BoardArchiving, StoredBoard } from '../../board/board-store.ts';
import { boardColumns, boardOf } from '../board-columns.ts';
import type { Database } from '../connection.ts';
import { boardNotFound } from '../missing.ts';
import { boards, seasons } from '../schema.ts';
import { planBoundary } from './plan-boundary.ts';
import { recordAudit } from './record-audit.ts';

/** The board's row is the lock: whoever opens a season waits for it, and finds the board archived; or was first, and then this finds the
 *  season open. @throws Fault BOARD_NOT_FOUND, BOARD_CHANGED, SEASON_ALREADY_OPEN */
export async function archiveBoard(db: Database, archiving: BoardArchiving): Promise<StoredBoard> {
  const { board: id, archived, version, at, by } = archiving;
  const [before] = await db.select(boardColumns).from(boards).where(eq(boards.id, id)).for('no key update');
  if (!before) throw boardNotFound(id);
  if (version !== undefined && version !== before.version) throw boardChanged(id, version, before.version);
  if ((before.archivedAt !== null) === archived) return boardOf(before);
  if (archived) await assertNothingRuns(db, id);
  const [after] = await db
    .update(boards)
    .set({
      archivedAt: archived ? at : null,
      boundaryAt: null,
      version: sql`${boards.version} + 1`,
      updatedAt: at,
    })
    .where(eq(boards.id, id))
    .returning(boardColumns);
  if (!after) throw new Error('a locked board was not updated');
  if (!archived) await planBoundary(db, boardOf(after).board, at);
  const action = archived ? 'board.archive' : 'board.unarchive';
  await recordAudit(db, { by, action, target: id, detail: { version: after.version } });
  return boardOf(after);
}

async function assertNothingRuns(db: Database, board: string): Promise<void> {
  const [running] = await db
    .select({ id: seasons.id, state: seasons.state })
    .from(seasons)
    .where(and(eq(seasons.board, board), inArray(seasons.state, ['upcoming', 'open', 'closing'])))
    .limit(1);
  if (running)
    throw new Fault(
      'SEASON_ALREADY_OPEN',
      `board: season ${running.id} of ${board} is ${running.state}; only a board without a running season is archived`,
      {
        field: 'board',
        limit: 'boards whose seasons are closed',
        fix: `close it first: POST /v1/admin/seasons/${running.id}/close`,
      },
    );
}
