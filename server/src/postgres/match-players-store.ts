/** Players of matches in Postgres. */
import type { MatchEntry, MatchPlayersStore, MatchVerdict } from '../board/match-players-store.ts';
import type { Postgres } from './connections.ts';
import { enterMatches } from './queries/enter-matches.ts';

export class PostgresMatchPlayersStore implements MatchPlayersStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  join(entries: readonly MatchEntry[], at: number): Promise<MatchVerdict[]> {
    return this.#postgres.write(({ sql }) => enterMatches(sql, entries, at));
  }
}
