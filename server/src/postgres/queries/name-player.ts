import { eq } from 'drizzle-orm';
import type { Naming, PlayerProfile } from '../../board/player-store.ts';
import type { Connection } from '../connection.ts';
import { playerColumns, playerOf } from '../player-columns.ts';
import { players } from '../schema.ts';
import { insertPlayers } from './insert-players.ts';
import { recordAudit } from './record-audit.ts';

export async function namePlayer({ sql, db }: Connection, naming: Naming): Promise<PlayerProfile> {
  const { player, name, at, by } = naming;
  await insertPlayers(sql, [player]);
  const [before] = await db
    .select(playerColumns)
    .from(players)
    .where(eq(players.id, player))
    .for('no key update');
  if (!before) throw new Error('a player who was just inserted is not there');
  if ((before.name ?? undefined) === name) return playerOf(before);
  const [after] = await db
    .update(players)
    .set({ name: name ?? null, nameAt: at })
    .where(eq(players.id, player))
    .returning(playerColumns);
  if (!after) throw new Error('a locked player was not updated');
  const detail = { from: before.name, to: after.name };
  await recordAudit(db, { by, action: 'player.name', target: player, detail });
  return playerOf(after);
}
