import { Fault } from '@photofinish/shared/protocol/errors';
import { and, eq, max } from 'drizzle-orm';
import type { Season } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { boardArchived, boardNotFound } from '../missing.ts';
import { boards, seasons } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';
import { recordAudit } from './record-audit.ts';

export interface SeasonOpening {
  id: string;
  board: string;
  at: number;
  by: string;
}

/** The board's row is the lock of its seasons' numbers: of two that open one at once, the second finds it open. The same id
 *  again is the same opening, resent after its answer was lost. @throws Fault SEASON_ALREADY_OPEN, BOARD_NOT_FOUND, BOARD_ARCHIVED */
export async function openSeason(db: Database, opening: SeasonOpening): Promise<Season> {
  const { id, board, at, by } = opening;
  const [locked] = await db
    .select({ archivedAt: boards.archivedAt })
    .from(boards)
    .where(eq(boards.id, board))
    .for('no key update');
  if (!locked) throw boardNotFound(board);
  if (locked.archivedAt !== null) throw boardArchived(board);
  const [open] = await db
    .select(seasonColumns)
    .from(seasons)
    .where(and(eq(seasons.board, board), eq(seasons.state, 'open')));
  if (open?.id === id) return seasonOf(open);
  if (open)
    throw new Fault(
      'SEASON_ALREADY_OPEN',
      `board: season ${open.id} of board ${board} is open; close it first`,
      {
        field: 'board',
        fix: `close season ${open.id} first`,
      },
    );
  const [last] = await db
    .select({ number: max(seasons.number) })
    .from(seasons)
    .where(eq(seasons.board, board));
  const number = (last?.number ?? 0) + 1;
  const [opened] = await db
    .insert(seasons)
    .values({ id, board, number, state: 'open', startedAt: at })
    .returning(seasonColumns);
  if (!opened) throw new Error('an inserted season was not returned');
  await recordAudit(db, { by, action: 'season.open', target: id, detail: { board, number } });
  return seasonOf(opened);
}
