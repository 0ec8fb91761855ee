/** Ranks of a season in Postgres: from the snapshot, or from the standings of its settlement. */
import type { LiveSeason } from '../board/live-board.ts';
import type { RankedReads } from '../board/ranked-reads.ts';
import type { Postgres } from './connections.ts';
import { aroundEntries } from './queries/around-entries.ts';
import { playerRanks } from './queries/player-ranks.ts';
import { type RankedRows, type RankedTable, topEntries } from './queries/top-entries.ts';

export class PostgresRankedReads implements RankedReads {
  readonly #postgres: Postgres;
  readonly #table: RankedTable;

  constructor(postgres: Postgres, table: RankedTable) {
    this.#postgres = postgres;
    this.#table = table;
  }

  top(season: LiveSeason, limit: number): Promise<RankedRows> {
    return this.#postgres.read(({ sql }) => topEntries(sql, { ...this.#of(season), limit }));
  }

  around(season: LiveSeason, of: { player: string; above: number; below: number }): Promise<RankedRows> {
    const { player, above, below } = of;
    return this.#postgres.read(({ sql }) =>
      aroundEntries(sql, { ...this.#of(season), player, above, below }),
    );
  }

  async ranks(season: LiveSeason, players: readonly string[]) {
    const { total, entries } = await this.#postgres.read(({ sql }) =>
      playerRanks(sql, { ...this.#of(season), players }),
    );
    const of = new Map(entries.map((entry) => [entry.player, entry]));
    return { total, entries: players.map((player) => of.get(player)) };
  }

  #of(season: LiveSeason) {
    return { table: this.#table, season: season.id, sortOrder: season.board.sortOrder };
  }
}
