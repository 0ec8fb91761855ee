import { eq } from 'drizzle-orm';
import type { PlayerProfile } from '../../board/player-store.ts';
import type { Connection } from '../connection.ts';
import { playerColumns, playerOf } from '../player-columns.ts';
import { players } from '../schema.ts';
import { firstEntryAt } from './first-entry-at.ts';

/** Ticks alone make no row of `players`: nothing in a snapshot is bound to one, and a flush would pay for it with every entry. */
export async function findPlayer({ sql, db }: Connection, id: string): Promise<PlayerProfile | undefined> {
  const [row] = await db.select(playerColumns).from(players).where(eq(players.id, id));
  if (row) return playerOf(row);
  const createdAt = await firstEntryAt(sql, id);
  if (createdAt === undefined) return undefined;
  return { player: id, name: undefined, nameAt: undefined, hidden: false, createdAt };
}
