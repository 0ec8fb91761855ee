/** Rows for exports, over connections of their own: an export is long, and must not take the place of a final. */
import type { Board } from '@photofinish/shared/domain/board';
import type { ExportRow, ExportRows, ExportSource, ExportStore } from '../season/export-store.ts';
import { Connection } from './connection.ts';
import { faultOf } from './faults.ts';
import { declareExport, fetchExport, rewindExport } from './queries/export-rows.ts';

/** Of one statement, the sorting of the whole season among them. Twice that without a fetch, and Postgres ends the transaction: a download
 *  that stands still is cut. */
const STATEMENT_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** About a megabyte. More rows at once hold up the event loop longer. */
const BATCH = 2_000;

export class PostgresExportStore implements ExportStore {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async open(of: { season: string; board: Board; source: ExportSource }): Promise<ExportRows> {
    const connection = new Connection({
      ...{ url: this.#url, name: 'photofinish-export' },
      ...{ statementTimeoutMs: STATEMENT_TIMEOUT_MS, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    });
    const { sql } = connection;
    try {
      await sql.unsafe('begin isolation level repeatable read read only');
      await declareExport(sql, of);
    } catch (error) {
      connection.destroy();
      throw faultOf(error, 'reading');
    }
    return {
      async *batches(): AsyncGenerator<ExportRow[]> {
        try {
          await rewindExport(sql);
          for (;;) {
            const rows = await fetchExport(sql, BATCH);
            if (rows.length === 0) return;
            yield rows;
          }
        } catch (error) {
          throw faultOf(error, 'reading');
        }
      },
      // The transaction has written nothing: cutting the line ends it.
      close: async () => connection.destroy(),
    };
  }
}
