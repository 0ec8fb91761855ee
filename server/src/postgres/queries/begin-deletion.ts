import { eq } from 'drizzle-orm';
import type { DeletionJob } from '../../board/player-deletion-store.ts';
import type { Connection } from '../connection.ts';
import { PLAYER_TABLES } from '../player-tables.ts';
import { players } from '../schema.ts';
import { playerDeletions } from '../schema-player-deletions.ts';
import { firstEntryAt } from './first-entry-at.ts';

/** Longer than any pass over one player takes: its maker works on it at once. */
const FIRST_LEASE_MS = 120_000;

/** Belongs in a transaction. Two at once: the second one finds the first one's row. */
export async function beginDeletion(
  { sql, db }: Connection,
  of: { id: string; player: string; by: string; at: number },
): Promise<DeletionJob | undefined> {
  const { id, player, by, at } = of;
  const [known] = await db.select({ id: players.id }).from(players).where(eq(players.id, player));
  if (!known && !(await isNamed(sql, player))) {
    const [running] = await db.select().from(playerDeletions).where(eq(playerDeletions.target, player));
    return running && jobOf(running);
  }
  await db
    .insert(playerDeletions)
    .values({ id, target: player, requestedAt: at, by, leasedUntil: at + FIRST_LEASE_MS })
    .onConflictDoUpdate({ target: playerDeletions.target, set: { erasedAt: null } });
  const [job] = await db.select().from(playerDeletions).where(eq(playerDeletions.target, player));
  if (!job) throw new Error('a deletion of a player that was just begun is not there');
  return jobOf(job);
}

/** Not all rows of a player are bound to one of the player's own. */
async function isNamed(sql: Connection['sql'], player: string): Promise<boolean> {
  if ((await firstEntryAt(sql, player)) !== undefined) return true;
  for (const { name } of PLAYER_TABLES) {
    const [row] = await sql`select 1 from ${sql(name)} where player = ${player} limit 1`;
    if (row) return true;
  }
  return false;
}

export const jobOf = (row: typeof playerDeletions.$inferSelect): DeletionJob => ({
  id: row.id,
  player: row.target ?? '',
  pseudonym: row.pseudonym ?? undefined,
  erasedAt: row.erasedAt ?? undefined,
});
