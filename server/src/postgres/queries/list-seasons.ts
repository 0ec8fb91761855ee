import { desc, eq } from 'drizzle-orm';
import type { Season } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { seasons } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';

/** Newest first. */
export async function listSeasons(db: Database, board: string, limit: number): Promise<Season[]> {
  const rows = await db
    .select(seasonColumns)
    .from(seasons)
    .where(eq(seasons.board, board))
    .orderBy(desc(seasons.number))
    .limit(limit);
  return rows.map(seasonOf);
}
