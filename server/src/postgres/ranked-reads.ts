/** Ranks of a season in Postgres: from the snapshot, or from the standings of its settlement. */
import type { LiveSeason } from '../board/live-board.ts';
import type { Around, Page, PageOf } from '../board/placed-entry.ts';
import type { RankedReads } from '../board/ranked-reads.ts';
import type { Postgres } from './connections.ts';
import { aroundEntries } from './queries/around-entries.ts';
import { playerRanks } from './queries/player-ranks.ts';
import { rankedPage } from './queries/ranked-page.ts';
import type { RankedTable } from './ranked-table.ts';

export class PostgresRankedReads implements RankedReads {
  readonly #postgres: Postgres;
  readonly #table: RankedTable['table'];

  constructor(postgres: Postgres, table: RankedTable['table']) {
    this.#postgres = postgres;
    this.#table = table;
  }

  page(season: LiveSeason, of: PageOf): Promise<Page> {
    return this.#postgres.read(({ sql }) => rankedPage(sql, { ...this.#of(season), ...of }));
  }

  around(season: LiveSeason, { player, above, below }: Around) {
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

  #of({ id, board, bucket }: LiveSeason): RankedTable {
    return { table: this.#table, season: id, board, bucket };
  }
}
