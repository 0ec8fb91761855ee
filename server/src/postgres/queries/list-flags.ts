import { and, asc, eq, gt } from 'drizzle-orm';
import type { Flag, FlagQuery } from '../../board/flag-store.ts';
import type { Database } from '../connection.ts';
import { flags } from '../schema-flags.ts';

/** Oldest first. */
export function listFlags(db: Database, of: FlagQuery): Promise<Flag[]> {
  return db
    .select()
    .from(flags)
    .where(
      and(
        gt(flags.id, of.after),
        of.board === undefined ? undefined : eq(flags.board, of.board),
        of.season === undefined ? undefined : eq(flags.season, of.season),
        of.player === undefined ? undefined : eq(flags.player, of.player),
        of.status === undefined ? undefined : eq(flags.status, of.status),
      ),
    )
    .orderBy(asc(flags.id))
    .limit(of.limit);
}
