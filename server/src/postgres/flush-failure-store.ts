/** Parked rows in Postgres. */
import type { FlushFailure, FlushFailureStore } from '../flush/flush-failure-store.ts';
import { noFlushFailure } from '../flush/flush-failures.ts';
import type { Postgres } from './connections.ts';
import { findParked, holdParked } from './queries/find-parked.ts';
import { listParked } from './queries/list-parked.ts';
import { parkRow, type RefusedRow } from './queries/park-row.ts';
import { parkedAmong } from './queries/parked-among.ts';
import { recordAudit } from './queries/record-audit.ts';
import { writeParked } from './queries/write-parked.ts';
import { rowsRefused } from './rows-refused.ts';

export class PostgresFlushFailureStore implements FlushFailureStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  park(refused: RefusedRow) {
    return this.#postgres.write(({ sql }) => parkRow(sql, refused));
  }

  list(of: { season: string | undefined; limit: number }) {
    return this.#postgres.read(({ sql }) => listParked(sql, of));
  }

  among(season: string, players: readonly string[]): Promise<string[]> {
    return this.#postgres.read(({ sql }) => parkedAmong(sql, season, players));
  }

  find(season: string, player: string): Promise<FlushFailure | undefined> {
    return this.#postgres.read(({ sql }) => findParked(sql, season, player));
  }

  noteRetry(season: string, player: string, by: string): Promise<FlushFailure> {
    return this.#postgres.write(async ({ sql, db }) => {
      const failure = await holdParked(sql, season, player);
      if (!failure) throw noFlushFailure(season, player);
      const { sqlState, epoch, rev } = failure;
      const target = `${season}/${player}`;
      await recordAudit(db, { by, action: 'flush-failure.retry', target, detail: { sqlState, epoch, rev } });
      return failure;
    });
  }

  writeParked(season: string, player: string): Promise<void> {
    return this.#postgres.write(({ sql }) => writeParked(sql, season, player)).catch(rowsRefused);
  }

  discard(season: string, player: string, by: string): Promise<FlushFailure> {
    return this.#postgres.write(async ({ sql, db }) => {
      const failure = await holdParked(sql, season, player);
      if (!failure) throw noFlushFailure(season, player);
      await sql`delete from flush_failures where season = ${season} and player = ${player}`;
      const target = `${season}/${player}`;
      await recordAudit(db, { by, action: 'flush-failure.discard', target, detail: { ...failure } });
      return failure;
    });
  }
}
