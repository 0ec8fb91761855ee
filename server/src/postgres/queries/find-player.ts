import { eq } from 'drizzle-orm';
import type { PlayerProfile } from '../../board/player-store.ts';
import type { Database } from '../connection.ts';
import { playerColumns, playerOf } from '../player-columns.ts';
import { players } from '../schema.ts';

export async function findPlayer(db: Database, id: string): Promise<PlayerProfile | undefined> {
  const [row] = await db.select(playerColumns).from(players).where(eq(players.id, id));
  return row && playerOf(row);
}
