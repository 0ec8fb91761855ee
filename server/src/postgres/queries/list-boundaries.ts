import { lte, sql } from 'drizzle-orm';
import type { PlannedBoundary } from '../../season/season-plan.ts';
import type { Database } from '../connection.ts';
import { boards } from '../schema.ts';
import { databaseNow } from './lock-board.ts';

/** Boundaries that have passed or come within so long, soonest first, and the database's clock. */
export async function listBoundaries(
  db: Database,
  withinMs: number,
): Promise<{ now: number; boundaries: PlannedBoundary[] }> {
  const now = await databaseNow(db);
  const rows = await db
    .select({ board: boards.id, at: sql<number>`${boards.boundaryAt}`.mapWith(Number) })
    .from(boards)
    .where(lte(boards.boundaryAt, now + withinMs))
    .orderBy(boards.boundaryAt);
  return { now, boundaries: rows };
}
