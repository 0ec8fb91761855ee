/** Who is hidden, in Postgres. */
import type {
  HiddenAmong,
  HiddenPlayer,
  HiddenQuery,
  HidingChange,
  HidingStore,
} from '../board/hiding-store.ts';
import type { Postgres } from './connections.ts';
import { changeHidden } from './queries/change-hidden.ts';
import { hiddenAmong, hiddenPlayers, hidingVersions } from './queries/hidden-players.ts';
import { listHidden } from './queries/list-hidden.ts';

export class PostgresHidingStore implements HidingStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  change(change: HidingChange): Promise<string[]> {
    return this.#postgres.write((connection) => changeHidden(connection, change));
  }

  versions(boards: readonly string[]): Promise<number[]> {
    return this.#postgres.read(({ sql }) => hidingVersions(sql, boards));
  }

  among(board: string, players: readonly string[]): Promise<HiddenAmong> {
    return this.#postgres.read(({ sql }) => hiddenAmong(sql, { board, players }));
  }

  list(of: HiddenQuery): Promise<HiddenPlayer[]> {
    return this.#postgres.read(({ sql }) => listHidden(sql, of));
  }

  hiddenOn(board: string, after: string, limit: number): Promise<string[]> {
    return this.#postgres.read(({ sql }) => hiddenPlayers(sql, { board, after, limit }));
  }
}
