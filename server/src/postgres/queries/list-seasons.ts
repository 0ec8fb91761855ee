import { and, desc, eq, lt } from 'drizzle-orm';
import type { Season } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { seasons } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';

/** Newest first. */
export async function listSeasons(
  db: Database,
  of: { board: string; limit: number; before?: number | undefined },
): Promise<Season[]> {
  const older = of.before === undefined ? undefined : lt(seasons.number, of.before);
  const rows = await db
    .select(seasonColumns)
    .from(seasons)
    .where(and(eq(seasons.board, of.board), older))
    .orderBy(desc(seasons.number))
    .limit(of.limit);
  return rows.map(seasonOf);
}
