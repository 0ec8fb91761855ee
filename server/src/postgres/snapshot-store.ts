/** The snapshot of live entries in Postgres. */
import type { LiveSeason } from '../board/live-board.ts';
import type { Around, PageOf } from '../board/placed-entry.ts';
import type { EntryRecord } from '../flush/dirty-queue.ts';
import { writeOrPark } from '../flush/poison.ts';
import type {
  SnapshotChunk,
  SnapshotStore,
  SnapshotWriteResult,
  Watermark,
} from '../flush/snapshot-store.ts';
import type { Postgres } from './connections.ts';
import { PostgresFlushFailureStore } from './flush-failure-store.ts';
import { mergedEntry } from './merged-entry.ts';
import { findEpoch } from './queries/find-epoch.ts';
import { findWatermark } from './queries/find-watermark.ts';
import { loadEntries } from './queries/load-entries.ts';
import { raiseEpoch } from './queries/raise-epoch.ts';
import { writeSnapshot } from './queries/write-snapshot.ts';
import { PostgresRankedReads } from './ranked-reads.ts';
import { rowsRefused } from './rows-refused.ts';

export class PostgresSnapshotStore implements SnapshotStore {
  readonly #postgres: Postgres;
  readonly #ranked: PostgresRankedReads;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
    this.#ranked = new PostgresRankedReads(postgres, 'snapshot_entries');
  }

  write(chunk: SnapshotChunk): Promise<SnapshotWriteResult> {
    return this.#postgres.write(({ sql }) => writeSnapshot(sql, chunk)).catch(rowsRefused);
  }

  epoch(season: string): Promise<number> {
    return this.#postgres.read(({ sql }) => findEpoch(sql, season));
  }

  raiseEpoch(season: string, from: number): Promise<number | undefined> {
    return this.#postgres.write(({ sql }) => raiseEpoch(sql, season, from));
  }

  /** What the merge changed is written back as revision 0 of the new epoch: it is not dirty in Redis, so no flush would bring it
   *  here, and every real change of the new epoch is newer. A crash in between costs nothing: the next load merges the same. */
  async *load(season: LiveSeason, chunkSize: number): AsyncGenerator<EntryRecord[]> {
    const epoch = await this.epoch(season.id);
    for (let after = ''; ; ) {
      const page = { season: season.id, after, limit: chunkSize };
      const rows = await this.#postgres.read(({ sql }) => loadEntries(sql, page));
      const last = rows.at(-1);
      if (!last) return;
      const merged = rows.map((row) => mergedEntry(season.board, row));
      const changed = merged.filter((entry) => entry.changed).map((entry) => entry.record);
      if (changed.length > 0)
        await writeOrPark(
          { store: this, parking: new PostgresFlushFailureStore(this.#postgres) },
          { season: season.id, epoch, records: changed, watermark: undefined },
        );
      yield merged.map((entry) => entry.record);
      if (rows.length < chunkSize) return;
      after = last.player;
    }
  }

  watermark(season: string): Promise<Watermark | undefined> {
    return this.#postgres.read(({ sql }) => findWatermark(sql, season));
  }

  page(season: LiveSeason, of: PageOf) {
    return this.#ranked.page(season, of);
  }

  around(season: LiveSeason, of: Around) {
    return this.#ranked.around(season, of);
  }

  ranks(season: LiveSeason, players: readonly string[]) {
    return this.#ranked.ranks(season, players);
  }
}
