/** Past standings, computed from finals in Postgres. */
import type { PastStandings, PastStandingsStore } from '../season/past-standings.ts';
import type { Postgres } from './connections.ts';
import { standingsAt } from './queries/standings-at.ts';

export class PostgresPastStandings implements PastStandingsStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  at(of: Parameters<PastStandingsStore['at']>[0]): Promise<PastStandings> {
    return this.#postgres.read(({ sql }) => standingsAt(sql, of));
  }
}
