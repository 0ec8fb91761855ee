import { and, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Season } from '../../board/board-store.ts';
import { textArray } from '../array-literal.ts';
import type { Database } from '../connection.ts';
import { seasons } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';

/** A closed season is looked after this long wherever its entries are: its state may still have to reach Redis. */
const AFTER_CLOSE_MS = 60 * 60_000;

const sinceMs = (ms: number) => sql`(extract(epoch from now()) * 1000)::bigint - ${ms}::bigint`;

/** `leftovers`: seasons that Redis still holds. Postgres cannot tell a closed season with nothing left to flush from one whose last
 *  ticks were in Redis when all servers died; Redis can. */
export async function listLiveSeasons(db: Database, leftovers: readonly string[]): Promise<Season[]> {
  const rows = await db
    .select(seasonColumns)
    .from(seasons)
    .where(
      or(
        inArray(seasons.state, ['open', 'closing']),
        gt(seasons.closedAt, sinceMs(AFTER_CLOSE_MS)),
        and(eq(seasons.state, 'closed'), isNull(seasons.frozenAt)),
        sql`${seasons.id} = any(${textArray(leftovers)}::text[])`,
      ),
    )
    .orderBy(seasons.id);
  return rows.map(seasonOf);
}
