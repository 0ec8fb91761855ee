import { Fault } from '@photofinish/shared/protocol/errors';
import { eq } from 'drizzle-orm';
import type { Season } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { boardArchived } from '../missing.ts';
import { seasons } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';
import { lockBoard } from './lock-board.ts';
import { planBoundary } from './plan-boundary.ts';
import { assertEnd } from './plan-season.ts';
import { recordAudit } from './record-audit.ts';
import { recordSeasonEvent } from './record-season-event.ts';
import { nextNumber, seasonIn } from './season-numbers.ts';

export interface SeasonOpening {
  id: string;
  board: string;
  at: number;
  /** On a board without a schedule; undefined: when an admin says so, or as it was planned. */
  endsAt?: number | undefined;
  by: string;
}

/** The board's row is the lock of its seasons' numbers: of two that open one at once, the second finds it open. The same id
 *  again is the same opening, resent after its answer was lost. An upcoming season of the board opens before its time, under its
 *  own id. @throws Fault SEASON_ALREADY_OPEN, BOARD_NOT_FOUND, BOARD_ARCHIVED */
export async function openSeason(db: Database, opening: SeasonOpening): Promise<Season> {
  const { id, board, at, endsAt, by } = opening;
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
  if (endsAt !== undefined) assertEnd(locked, endsAt);
  const opened = await openNext(db, { id, board, at, endsAt });
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
  { id, board, at, endsAt }: { id: string; board: string; at: number; endsAt?: number | undefined },
): Promise<Season> {
  const upcoming = await seasonIn(db, board, 'upcoming');
  const [opened] = upcoming
    ? await db
        .update(seasons)
        .set({ state: 'open', startedAt: at, ...(endsAt === undefined ? {} : { endsAt }) })
        .where(eq(seasons.id, upcoming.id))
        .returning(seasonColumns)
    : await db
        .insert(seasons)
        .values({
          id,
          board,
          number: await nextNumber(db, board),
          state: 'open',
          startedAt: at,
          endsAt: endsAt ?? null,
        })
        .returning(seasonColumns);
  if (!opened) throw new Error('an opened season was not returned');
  await recordSeasonEvent(db, { season: opened.id, type: 'season.started', at });
  return seasonOf(opened);
}
