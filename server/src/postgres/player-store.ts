/** Players in Postgres. */
import type { PlayerData, PlayerDataStore } from '../board/player-export.ts';
import type { Naming, PlayerProfile, PlayerStore } from '../board/player-store.ts';
import type { Postgres } from './connections.ts';
import { findPlayer } from './queries/find-player.ts';
import { namePlayer } from './queries/name-player.ts';
import { playerData } from './queries/player-data.ts';
import { playerNames } from './queries/player-names.ts';

/** Tables are keyed by season first, so that one player's rows are found by reading much of them. */
const DATA_TIMEOUT_MS = 5 * 60_000;

export class PostgresPlayerStore implements PlayerStore, PlayerDataStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  findPlayer(id: string): Promise<PlayerProfile | undefined> {
    return this.#postgres.read((connection) => findPlayer(connection, id));
  }

  namePlayer(naming: Naming): Promise<PlayerProfile> {
    return this.#postgres.write((connection) => namePlayer(connection, naming));
  }

  async names(players: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.#postgres.read(({ sql }) => playerNames(sql, players));
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  playerData(player: string, rowsMax: number): Promise<PlayerData | undefined> {
    return this.#postgres.write(async ({ sql }) => {
      await sql.unsafe('set transaction isolation level repeatable read read only');
      await sql.unsafe(`set local statement_timeout = ${DATA_TIMEOUT_MS}`);
      return playerData(sql, player, rowsMax);
    }, DATA_TIMEOUT_MS);
  }
}
