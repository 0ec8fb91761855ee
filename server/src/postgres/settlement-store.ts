/** Settlements in Postgres. */
import type { Board } from '@photofinish/shared/domain/board';
import type { Settlement, SettlementStore } from '../settle/settlement-store.ts';
import type { Sql } from './connection.ts';
import type { Postgres } from './connections.ts';
import { findSettlement } from './queries/find-settlement.ts';
import { rankStandings } from './queries/rank-standings.ts';
import { settleSeason } from './queries/settle-season.ts';
import { countPendingFinals, openFlagsOf } from './queries/settlement-flags.ts';

/** Ranking and hashing a season takes some seconds per million standings, more than other calls are given. */
const SETTLE_TIMEOUT_MS = 5 * 60_000;

export class PostgresSettlementStore implements SettlementStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  find(season: string): Promise<Settlement | undefined> {
    return this.#postgres.read(({ db }) => findSettlement(db, season));
  }

  preview(season: { id: string; board: Board }, at: number): Promise<Settlement> {
    return this.#postgres.write(async ({ sql }) => {
      await sql.unsafe('set transaction read only');
      await allowTime(sql);
      const ranked = await rankStandings(sql, season, 'standings');
      const { board } = season;
      const paid = ranked.awards.map((award) => award.player);
      const openFlags = await openFlagsOf(sql, season.id, paid);
      return {
        ...{ id: 'preview', season: season.id, board: board.id, settledAt: at },
        ...{ currency: board.prizes.currency, ...ranked },
        ...(openFlags.length > 0 ? { openFlags } : {}),
      };
    }, SETTLE_TIMEOUT_MS);
  }

  async uncompared(season: { id: string; board: Board }): Promise<number> {
    if (season.board.finals.tolerance === undefined) return 0;
    return this.#postgres.read(({ sql }) => countPendingFinals(sql, season.id));
  }

  settle(
    season: { id: string; board: Board },
    as: { id: string; at: number; by: string },
  ): Promise<Settlement> {
    return this.#postgres.write(async (connection) => {
      await allowTime(connection.sql);
      return settleSeason(connection, { season, ...as });
    }, SETTLE_TIMEOUT_MS);
  }
}

const allowTime = (sql: Sql) => sql.unsafe(`set local statement_timeout = ${SETTLE_TIMEOUT_MS}`);
