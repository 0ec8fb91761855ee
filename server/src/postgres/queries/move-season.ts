import { mayMove } from '@photofinish/shared/domain/season';
import { eq, sql } from 'drizzle-orm';
import type { Season } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { seasonNotFound } from '../missing.ts';
import { seasons } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';
import { recordAudit } from './record-audit.ts';
import { recordSeasonEvent } from './record-season-event.ts';

export interface SeasonMove {
  season: string;
  to: 'closing' | 'closed';
  at: number;
  by: string;
  /** What moved it, when no admin did. */
  cause?: 'boundary';
}

/** FOR UPDATE waits for finals and flushes under way, which hold the row FOR SHARE; those that come later see the new state. So when
 *  this returns, every final of the old state is committed or refused. @throws Fault SEASON_NOT_FOUND */
export async function moveSeason(db: Database, move: SeasonMove): Promise<Season> {
  const { season, to, at, by, cause } = move;
  const [before] = await db.select(seasonColumns).from(seasons).where(eq(seasons.id, season)).for('update');
  if (!before) throw seasonNotFound(season);
  if (!mayMove(before.state, to)) return seasonOf(before);
  if (before.state === 'upcoming') return giveUp(db, seasonOf(before), move);
  const [moved] = await db
    .update(seasons)
    .set({
      ...{ state: to, closingAt: before.closingAt ?? at, closedAt: to === 'closed' ? at : null },
      ranking: sql`coalesce(${seasons.ranking}, (select rules ->> 'ranking' from boards where boards.id = ${before.board}), 'ordinal')`,
    })
    .where(eq(seasons.id, season))
    .returning(seasonColumns);
  if (!moved) throw new Error('a locked season was not updated');
  await recordAudit(db, {
    by,
    action: to === 'closed' ? 'season.close' : 'season.begin-close',
    target: season,
    detail: { from: before.state, ...(cause === undefined ? {} : { cause }) },
  });
  if (before.state === 'open') await recordSeasonEvent(db, { season, type: 'season.ended', at });
  if (to === 'closed') await recordSeasonEvent(db, { season, type: 'season.closed', at });
  return seasonOf(moved);
}

/** A season that never began leaves nothing behind: its number is the next one's, and nobody is told of an end. */
async function giveUp(db: Database, season: Season, { at, by }: SeasonMove): Promise<Season> {
  await db.delete(seasons).where(eq(seasons.id, season.id));
  const { board, number, startedAt } = season;
  await recordAudit(db, {
    ...{ by, action: 'season.give-up', target: season.id },
    detail: { board, number, startsAt: startedAt },
  });
  return { ...season, state: 'closed', closingAt: at, closedAt: at };
}
