import type { Board } from '@photofinish/shared/domain/board';
import type { Season } from '../../board/board-store.ts';
import type { RollOver } from '../../season/season-plan.ts';
import type { Database } from '../connection.ts';
import { listSeasons } from './list-seasons.ts';
import { lockBoard } from './lock-board.ts';
import { moveSeason } from './move-season.ts';
import { openNext } from './open-season.ts';
import { planBoundary } from './plan-boundary.ts';
import { recordAudit } from './record-audit.ts';
import { seasonIn } from './season-numbers.ts';

/** The one that ended, the one that opened, and one that is upcoming. */
const NEWEST = 3;

/** What a boundary brings, in one transaction: the open season begins to close, the next one opens, and the boundary after it is planned.
 *
 *  Two servers that see the same boundary:
 *    1. A locks the board's row
 *    2. B waits for the row
 *    3. A writes all of it, the next boundary too, and commits
 *    4. B gets the row, and finds a boundary that is still to come   <- does nothing
 *  However many boundaries passed while no server ran, the next one planned is later than now: there is one roll-over for all of them.
 *  @param id of the season that opens, should one open that is not planned by name */
export async function rollOver(db: Database, of: { board: string; id: string }): Promise<RollOver> {
  const { board, boundaryAt, now } = await lockBoard(db, of.board);
  if (boundaryAt === null || boundaryAt > now)
    return { rolled: false, seasons: await listSeasons(db, { board: board.id, limit: NEWEST }) };
  const ended = await endOpen(db, board, now);
  const opened = await openDue(db, board, { id: of.id, at: now });
  await planBoundary(db, board, now);
  return { rolled: true, ended, opened, seasons: await listSeasons(db, { board: board.id, limit: NEWEST }) };
}

/** On a board with a schedule the boundary ends its season; on any other a season ends at its own time, or where the next one begins. */
async function endOpen(db: Database, board: Board, now: number): Promise<Season | undefined> {
  const open = await seasonIn(db, board.id, 'open');
  if (!open) return undefined;
  const isOver = board.season.schedule !== undefined || (open.endsAt !== undefined && open.endsAt <= now);
  if (!isOver && !(await upcomingIsDue(db, board.id, now))) return undefined;
  const to = board.kind === 'open' || board.finals.graceSeconds === 0 ? 'closed' : 'closing';
  return moveSeason(db, { season: open.id, to, at: now, by: 'system', cause: 'boundary' });
}

async function openDue(
  db: Database,
  board: Board,
  { id, at }: { id: string; at: number },
): Promise<Season | undefined> {
  if (await seasonIn(db, board.id, 'open')) return undefined;
  if (board.season.schedule === undefined && !(await upcomingIsDue(db, board.id, at))) return undefined;
  const opened = await openNext(db, { id, board: board.id, at });
  await recordAudit(db, {
    ...{ by: 'system', action: 'season.open', target: opened.id },
    detail: { board: board.id, number: opened.number, cause: 'boundary' },
  });
  return opened;
}

const upcomingIsDue = async (db: Database, board: string, now: number): Promise<boolean> =>
  ((await seasonIn(db, board, 'upcoming'))?.startedAt ?? Number.POSITIVE_INFINITY) <= now;
