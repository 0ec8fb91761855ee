import { Fault } from '@photofinish/shared/protocol/errors';
import { and, eq, max } from 'drizzle-orm';
import type { Season } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { boardArchived } from '../missing.ts';
import { seasons } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';
import { lockBoard } from './lock-board.ts';
import { planBoundary } from './plan-boundary.ts';
import { recordAudit } from './record-audit.ts';
import { recordSeasonEvent } from './record-season-event.ts';

export interface SeasonOpening {
  id: string;
  board: string;
  at: number;
  by: string;
}

/** The board's row is the lock of its seasons' numbers: of two that open one at once, the second finds it open. The same id
 *  again is the same opening, resent after its answer was lost. An upcoming season of the board opens before its time, under its
 *  own id. @throws Fault SEASON_ALREADY_OPEN, BOARD_NOT_FOUND, BOARD_ARCHIVED */
export async function openSeason(db: Database, opening: SeasonOpening): Promise<Season> {
  const { id, board, at, by } = opening;
  const locked = await lockBoard(db, board);
  if (locked.archived) throw boardArchived(board);
  const open = await seasonIn(db, board, 'open');
  if (open?.id === id) return open;
  if (open)
    throw new Fault(
      'SEASON_ALREADY_OPEN',
      `board: season ${open.id} of board ${board} is open; close it first`,
      {
        field: 'board',
        fix: `close season ${open.id} first`,
      },
    );
  const opened = await openNext(db, { id, board, at });
  await recordAudit(db, {
    ...{ by, action: 'season.open', target: opened.id },
    detail: { board, number: opened.number },
  });
  await planBoundary(db, locked.board, locked.now);
  return (await seasonIn(db, board, 'open')) ?? opened;
}

/** Opens the upcoming season of the board, else a new one. Belongs in a transaction that holds the board's row, with no season open. */
export async function openNext(
  db: Database,
  { id, board, at }: { id: string; board: string; at: number },
): Promise<Season> {
  const upcoming = await seasonIn(db, board, 'upcoming');
  const [opened] = upcoming
    ? await db
        .update(seasons)
        .set({ state: 'open', startedAt: at })
        .where(eq(seasons.id, upcoming.id))
        .returning(seasonColumns)
    : await db
        .insert(seasons)
        .values({ id, board, number: await nextNumber(db, board), state: 'open', startedAt: at })
        .returning(seasonColumns);
  if (!opened) throw new Error('an opened season was not returned');
  await recordSeasonEvent(db, { season: opened.id, type: 'season.started', at });
  return seasonOf(opened);
}

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
