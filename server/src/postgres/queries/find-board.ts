import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import { eq } from 'drizzle-orm';
import type { Database } from '../connection.ts';
import { boards } from '../schema.ts';

export async function findBoard(db: Database, id: string): Promise<Board | undefined> {
  const [row] = await db.select({ rules: boards.rules }).from(boards).where(eq(boards.id, id));
  return row && boardSchema.parse(row.rules);
}
