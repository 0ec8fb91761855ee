import type { Board } from '@photofinish/shared/domain/board';
import { and, eq, inArray } from 'drizzle-orm';
import { boundaryAfter } from '../../season/schedule.ts';
import type { Database } from '../connection.ts';
import { boards, seasons } from '../schema.ts';
import { lockBoard } from './lock-board.ts';

/** Writes down when a season of the board ends or begins next. Belongs in a transaction that holds the board's row. On a board with a
 *  schedule the next boundary is also the planned end of its open season; on any other the seasons say when they end and begin. */
export async function planBoundary(db: Database, board: Board, now: number): Promise<void> {
  const next = boundaryAfter(board.season, now);
  if (next !== undefined)
    await db
      .update(seasons)
      .set({ endsAt: next })
      .where(and(eq(seasons.board, board.id), eq(seasons.state, 'open')));
  await db
    .update(boards)
    .set({ boundaryAt: next ?? (await soonest(db, board.id)) })
    .where(eq(boards.id, board.id));
}

async function soonest(db: Database, board: string): Promise<number | null> {
  const rows = await db
    .select({ state: seasons.state, startedAt: seasons.startedAt, endsAt: seasons.endsAt })
    .from(seasons)
    .where(and(eq(seasons.board, board), inArray(seasons.state, ['upcoming', 'open'])));
  const times = rows.map((row) => (row.state === 'upcoming' ? row.startedAt : row.endsAt));
  const known = times.filter((time) => time !== null);
  return known.length > 0 ? Math.min(...known) : null;
}

/** For an update of a board that changed its schedule, in its transaction, after its rules are written. A boundary that has passed
 *  already, and that no server has seen yet, still counts. */
export async function replanBoard(db: Database, board: Board): Promise<void> {
  const { boundaryAt, now } = await lockBoard(db, board.id);
  if (boundaryAt !== null && boundaryAt <= now) return;
  if (board.season.schedule === undefined)
    await db
      .update(seasons)
      .set({ endsAt: null })
      .where(and(eq(seasons.board, board.id), eq(seasons.state, 'open')));
  await planBoundary(db, board, now);
}
