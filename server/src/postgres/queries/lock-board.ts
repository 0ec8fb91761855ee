import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../connection.ts';
import { boardNotFound } from '../missing.ts';
import { boards } from '../schema.ts';

export interface LockedBoard {
  board: Board;
  /** When a season of it ends or begins next. */
  boundaryAt: number | null;
  archived: boolean;
  /** The database's clock, read once the lock was held: whether a boundary has passed is for it to say. */
  now: number;
}

/** The board's row is the lock of its seasons: whoever opens, ends or plans one holds it. @throws Fault BOARD_NOT_FOUND */
export async function lockBoard(db: Database, id: string): Promise<LockedBoard> {
  const [row] = await db
    .select({ rules: boards.rules, boundaryAt: boards.boundaryAt, archivedAt: boards.archivedAt })
    .from(boards)
    .where(eq(boards.id, id))
    .for('no key update');
  if (!row) throw boardNotFound(id);
  return {
    board: boardSchema.parse(row.rules),
    boundaryAt: row.boundaryAt,
    archived: row.archivedAt !== null,
    now: await databaseNow(db),
  };
}

export async function databaseNow(db: Database): Promise<number> {
  const [row] = await db.execute<{ now: number }>(
    sql`select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`,
  );
  if (!row) throw new Error('the database told no time');
  return Number(row.now);
}
