/** Players as rows and as the port tells them. */
import type { PlayerProfile } from '../board/player-store.ts';
import { players } from './schema.ts';

export const playerColumns = {
  player: players.id,
  name: players.name,
  nameAt: players.nameAt,
  hidden: players.hidden,
  createdAt: players.createdAt,
};

type PlayerRow = Omit<PlayerProfile, 'name' | 'nameAt'> & { name: string | null; nameAt: number | null };

export const playerOf = (row: PlayerRow): PlayerProfile => ({
  ...row,
  name: row.name ?? undefined,
  nameAt: row.nameAt ?? undefined,
});
