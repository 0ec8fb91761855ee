import { and, asc, inArray, isNull, lt, or } from 'drizzle-orm';
import type { DeletionJob } from '../../board/player-deletion-store.ts';
import type { Database } from '../connection.ts';
import { playerDeletions } from '../schema-player-deletions.ts';
import { jobOf } from './begin-deletion.ts';

/** Belongs in a transaction: rows that another server takes at the same moment are passed over. */
export async function takeDeletions(
  db: Database,
  of: { now: number; until: number; erasedBefore: number; limit: number },
): Promise<DeletionJob[]> {
  const due = await db
    .select({ id: playerDeletions.id })
    .from(playerDeletions)
    .where(
      and(
        isNull(playerDeletions.finishedAt),
        lt(playerDeletions.leasedUntil, of.now),
        or(isNull(playerDeletions.erasedAt), lt(playerDeletions.erasedAt, of.erasedBefore)),
      ),
    )
    .orderBy(asc(playerDeletions.requestedAt))
    .limit(of.limit)
    .for('update', { skipLocked: true });
  if (due.length === 0) return [];
  const taken = await db
    .update(playerDeletions)
    .set({ leasedUntil: of.until })
    .where(
      inArray(
        playerDeletions.id,
        due.map(({ id }) => id),
      ),
    )
    .returning();
  return taken.map(jobOf);
}
