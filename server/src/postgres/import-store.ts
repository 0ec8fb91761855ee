/** Imports of past seasons, into Postgres alone. */
import type { ImportBatch, ImportMode, ImportRow, ImportStore } from '../season/import-store.ts';
import type { Postgres } from './connections.ts';
import { importEntries } from './queries/import-entries.ts';
import { recordAudit } from './queries/record-audit.ts';
import { fenceClosed, replaceEntries } from './queries/replace-entries.ts';

export class PostgresImportStore implements ImportStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  write(season: string, rows: readonly ImportRow[]): Promise<ImportBatch> {
    return this.#postgres.write(({ sql }) => importEntries(sql, season, rows));
  }

  replace(season: string, rows: readonly ImportRow[], by: string): Promise<ImportBatch> {
    return this.#postgres.write(async ({ sql, db }) => {
      const batch = await replaceEntries(sql, season, rows);
      const { imported, replaced } = batch;
      if (imported > 0)
        await recordAudit(db, {
          by,
          action: 'season.correct',
          target: season,
          detail: { rows: imported, replaced },
        });
      return batch;
    });
  }

  fence(season: string): Promise<void> {
    return this.#postgres.write(({ sql }) => fenceClosed(sql, season));
  }

  record(of: {
    season: string;
    by: string;
    mode: ImportMode;
    imported: number;
    refused: number;
  }): Promise<void> {
    const { season, by, ...detail } = of;
    return this.#postgres.write(({ db }) =>
      recordAudit(db, { by, action: 'season.import', target: season, detail }),
    );
  }
}
