import { Fault } from '@photofinish/shared/protocol/errors';
import { and, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { Match } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { boardNotFound } from '../missing.ts';
import { boards, matches, seasons } from '../schema.ts';

const NOW = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** Holds the season's row FOR SHARE until the match is in, so that no match starts in a season that closes meanwhile, or past its planned end.
 *  @throws Fault SEASON_NOT_OPEN, BOARD_NOT_FOUND */
export async function startMatch(
  db: Database,
  start: { id: string; board: string; at: number },
): Promise<Match> {
  const { id, board, at } = start;
  const [season] = await db
    .select({ id: seasons.id })
    .from(seasons)
    .where(
      and(
        eq(seasons.board, board),
        eq(seasons.state, 'open'),
        or(isNull(seasons.endsAt), gt(seasons.endsAt, NOW)),
      ),
    )
    .for('share');
  if (!season) {
    const [known] = await db.select({ id: boards.id }).from(boards).where(eq(boards.id, board));
    if (!known) throw boardNotFound(board);
    throw new Fault('SEASON_NOT_OPEN', `board: ${board} has no open season, so no match can start`, {
      field: 'board',
      fix: 'open a season first',
    });
  }
  await db.insert(matches).values({ id, season: season.id, board, startedAt: at });
  return { id, season: season.id, board, startedAt: at, endedAt: undefined };
}
