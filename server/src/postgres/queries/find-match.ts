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
      abandonedAt: matches.abandonedAt,
    })
    .from(matches)
    .where(eq(matches.id, id));
  return row && matchOf(row);
}

/** A row as the core knows it. */
export const matchOf = ({
  id,
  season,
  board,
  startedAt,
  endedAt,
  limits,
  rostered,
  abandonedAt,
}: Omit<Match, 'endedAt' | 'abandoned'> & { endedAt: number | null; abandonedAt: number | null }): Match => ({
  ...{ id, season, board, startedAt, limits, rostered },
  endedAt: endedAt ?? undefined,
  abandoned: abandonedAt !== null,
});
