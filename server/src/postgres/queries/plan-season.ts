import { Fault } from '@photofinish/shared/protocol/errors';
import type { Season } from '../../board/board-store.ts';
import { SEASON_MIN_MS, type SeasonToCome } from '../../season/season-plan.ts';
import type { Database } from '../connection.ts';
import { boardArchived } from '../missing.ts';
import { seasons } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';
import { type LockedBoard, lockBoard } from './lock-board.ts';
import { planBoundary } from './plan-boundary.ts';
import { recordAudit } from './record-audit.ts';
import { nextNumber, seasonIn } from './season-numbers.ts';

/** Writes down a season that opens by itself. The same id again is the same plan, resent after its answer was lost.
 *  @throws Fault INVALID_REQUEST, SEASON_ALREADY_OPEN, BOARD_NOT_FOUND, BOARD_ARCHIVED */
export async function planSeason(db: Database, plan: SeasonToCome): Promise<Season> {
  const { id, board: boardId, startsAt, endsAt, by } = plan;
  const { board, archived, now } = await lockBoard(db, boardId);
  if (archived) throw boardArchived(boardId);
  const planned = await seasonIn(db, boardId, 'upcoming');
  if (planned?.id === id) return planned;
  if (board.season.schedule !== undefined)
    throw wrong('startsAt', `board ${boardId} has a schedule, which says when its seasons begin`, {
      limit: 'boards without a schedule',
      fix: 'leave it out, or take the schedule off the board',
    });
  if (startsAt <= now)
    throw wrong('startsAt', "is not in the future by the database's clock", {
      limit: 'a time to come',
      fix: 'name a time to come, or leave it out to open the season now',
    });
  if (endsAt !== undefined) assertEnd({ board, now: startsAt }, endsAt);
  if (planned)
    throw new Fault(
      'SEASON_ALREADY_OPEN',
      `board: season ${planned.id} of board ${boardId} is upcoming already; one is planned at a time`,
      { field: 'board', fix: `close season ${planned.id} first, which gives it up` },
    );
  const [row] = await db
    .insert(seasons)
    .values({
      ...{ id, board: boardId, number: await nextNumber(db, boardId), state: 'upcoming' },
      ...{ startedAt: startsAt, endsAt: endsAt ?? null },
    })
    .returning(seasonColumns);
  if (!row) throw new Error('an inserted season was not returned');
  await recordAudit(db, {
    by,
    action: 'season.plan',
    target: id,
    detail: { board: boardId, startsAt, endsAt },
  });
  await planBoundary(db, board, now);
  return seasonOf(row);
}

const wrong = (field: string, problem: string, of: { limit: string; fix: string }): Fault =>
  new Fault('INVALID_REQUEST', `${field}: ${problem}; ${of.fix}`, { field, ...of });

/** @param of `now`: when the season begins @throws Fault INVALID_REQUEST */
export function assertEnd({ board, now }: Pick<LockedBoard, 'board' | 'now'>, endsAt: number): void {
  if (board.season.schedule !== undefined)
    throw wrong('endsAt', `board ${board.id} has a schedule, which says when its seasons end`, {
      limit: 'boards without a schedule',
      fix: 'leave it out, or take the schedule off the board',
    });
  if (endsAt < now + SEASON_MIN_MS)
    throw wrong('endsAt', 'is less than a minute after the start', {
      limit: 'a minute after the start, at least',
      fix: 'name a later time, in milliseconds since the Unix epoch',
    });
}
