import { eq } from 'drizzle-orm';
import type { Match } from '../../board/board-store.ts';
import type { Database } from '../connection.ts';
import { matches } from '../schema.ts';

export async function findMatch(db: Database, id: string): Promise<Match | undefined> {
  const [row] = await db
    .select({
      id: matches.id,
      season: matches.season,
      board: matches.board,
      startedAt: matches.startedAt,
      endedAt: matches.endedAt,
      limits: matches.limits,
      rostered: matches.rostered,
    })
    .from(matches)
    .where(eq(matches.id, id));
  return row && { ...row, endedAt: row.endedAt ?? undefined };
}
