import { and, eq, gt, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import type { Season } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { seasons, watermarks } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';

/** A closed season is looked after this long whatever its watermark says: a flush of it may just be under way. */
const AFTER_CLOSE_MS = 60 * 60_000;
/** And this long while its last flush was before its close. Nothing tells a season with nothing left to flush from one whose last
 *  ticks still lie in Redis, so there must be an end: by then somebody has started a server again, or Redis is gone too. */
const UNFLUSHED_MS = 24 * 60 * 60_000;

const sinceMs = (ms: number) => sql`(extract(epoch from now()) * 1000)::bigint - ${ms}::bigint`;

export async function listLiveSeasons(db: Database): Promise<Season[]> {
  const flushedBeforeClose = or(isNull(watermarks.at), lt(watermarks.at, seasons.closedAt));
  const rows = await db
    .select(seasonColumns)
    .from(seasons)
    .leftJoin(watermarks, eq(watermarks.season, seasons.id))
    .where(
      or(
        inArray(seasons.state, ['open', 'closing']),
        gt(seasons.closedAt, sinceMs(AFTER_CLOSE_MS)),
        and(gt(seasons.closedAt, sinceMs(UNFLUSHED_MS)), flushedBeforeClose),
      ),
    )
    .orderBy(seasons.id);
  return rows.map(seasonOf);
}
