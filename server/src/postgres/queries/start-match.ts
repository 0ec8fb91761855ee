import { Fault } from '@photofinish/shared/protocol/errors';
import { and, eq, gt, isNull, or, sql as text } from 'drizzle-orm';
import type { Match, MatchStart } from '../../board/board-store.ts';
import { dueAfter } from '../../board/match-silence.ts';
import type { Connection } from '../connection.ts';
import { boardNotFound } from '../missing.ts';
import { boards, matches, seasons } from '../schema.ts';
import { joinMatches } from './join-matches.ts';

const NOW = text`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** Holds the season's row FOR SHARE until the match is in, so that no match starts in a season that closes meanwhile, or past its planned end.
 *  @throws Fault SEASON_NOT_OPEN, BOARD_NOT_FOUND */
export async function startMatch({ db, sql }: Connection, start: MatchStart): Promise<Match> {
  const { id, board, at, limits = {}, roster } = start;
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
  const row = { id, season: season.id, board, startedAt: at, limits, rostered: roster !== undefined };
  await db.insert(matches).values({ ...row, dueAt: dueAfter(limits, at) });
  if (roster)
    await joinMatches(
      sql,
      roster.map((player) => ({ season: season.id, match: id, player, at })),
    );
  return { ...row, endedAt: undefined, abandoned: false };
}
