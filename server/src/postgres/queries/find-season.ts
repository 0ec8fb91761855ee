import { eq } from 'drizzle-orm';
import type { Season } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { seasons } from '../schema.ts';
import { seasonColumns, seasonOf } from '../season-columns.ts';

export async function findSeason(db: Database, id: string): Promise<Season | undefined> {
  const [row] = await db.select(seasonColumns).from(seasons).where(eq(seasons.id, id));
  return row && seasonOf(row);
}
