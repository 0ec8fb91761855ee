/** Who players are: their names. Who may give one: servers and admins, and players themselves where the server lets them. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Names } from './names.ts';
import type { PlayerProfile, PlayerStore } from './player-store.ts';
import type { Principal } from './principal.ts';

interface Deps {
  store: PlayerStore;
  names: Pick<Names, 'note'>;
  clock: () => number;
  /** Players name themselves. */
  ownNames: boolean;
}

export class Players {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws Fault FORBIDDEN, PLAYER_NOT_FOUND */
  async read(player: string, by: Principal): Promise<PlayerProfile> {
    if (by.role === 'viewer') throw forbidden('read players', 'use the token of a player, server or admin');
    const found = await this.#deps.store.findPlayer(player);
    if (!found) throw playerNotFound(player);
    return found;
  }

  /** @param name checked before (playerNameSchema); undefined takes it away. @throws Fault FORBIDDEN */
  async name(player: string, name: string | undefined, by: Principal): Promise<PlayerProfile> {
    const { store, names, clock, ownNames } = this.#deps;
    const own = by.role === 'player' && by.sub === player;
    if (own && !ownNames)
      throw forbidden(
        'name players on this server',
        'use a server token, or set PLAYERS_NAME_THEMSELVES=true',
      );
    if (!own && by.role !== 'server' && by.role !== 'admin')
      throw forbidden('name this player', 'use a server or admin token');
    const profile = await store.namePlayer({ player, name, at: clock(), by: by.sub });
    names.note(player, profile.name);
    return profile;
  }
}

const forbidden = (what: string, fix: string): Fault =>
  new Fault('FORBIDDEN', `authorization: this token may not ${what}; ${fix}`, {
    field: 'authorization',
    fix,
  });

export const playerNotFound = (id: string): Fault =>
  new Fault('PLAYER_NOT_FOUND', `player: there is no player ${id}`, {
    field: 'player',
    fix: 'name a player who has a score or a name',
  });
