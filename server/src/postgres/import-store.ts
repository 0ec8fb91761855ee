/** Imports of past seasons, into Postgres alone. */
import type { ImportBatch, ImportRow, ImportStore } from '../season/import-store.ts';
import type { Postgres } from './connections.ts';
import { importEntries } from './queries/import-entries.ts';
import { recordAudit } from './queries/record-audit.ts';

export class PostgresImportStore implements ImportStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  write(season: string, rows: readonly ImportRow[]): Promise<ImportBatch> {
    return this.#postgres.write(({ sql }) => importEntries(sql, season, rows));
  }

  record(of: { season: string; by: string; imported: number; refused: number }): Promise<void> {
    const { season, by, ...detail } = of;
    return this.#postgres.write(({ db }) =>
      recordAudit(db, { by, action: 'season.import', target: season, detail }),
    );
  }
}
