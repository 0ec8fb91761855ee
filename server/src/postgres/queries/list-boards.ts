import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import type { Database } from '../connection.ts';
import { boards } from '../schema.ts';

/** Rules are read through the schema again, so that boards of an earlier version get the defaults of new settings. */
export async function listBoards(db: Database): Promise<Board[]> {
  const rows = await db.select({ rules: boards.rules }).from(boards).orderBy(boards.id);
  return rows.map((row) => boardSchema.parse(row.rules));
}
