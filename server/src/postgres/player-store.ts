/** Players in Postgres. */
import type { Naming, PlayerProfile, PlayerStore } from '../board/player-store.ts';
import type { Postgres } from './connections.ts';
import { findPlayer } from './queries/find-player.ts';
import { namePlayer } from './queries/name-player.ts';
import { playerNames } from './queries/player-names.ts';

export class PostgresPlayerStore implements PlayerStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  findPlayer(id: string): Promise<PlayerProfile | undefined> {
    return this.#postgres.read(({ db }) => findPlayer(db, id));
  }

  namePlayer(naming: Naming): Promise<PlayerProfile> {
    return this.#postgres.write((connection) => namePlayer(connection, naming));
  }

  async names(players: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.#postgres.read(({ sql }) => playerNames(sql, players));
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}
