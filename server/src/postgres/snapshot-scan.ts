/** The snapshot as reconciling reads it. */
import type { LiveSeason } from '../board/live-board.ts';
import type { EntryRecord } from '../flush/dirty-queue.ts';
import type { RowDifference, RowHead, SnapshotScan } from '../flush/snapshot-scan.ts';
import type { Postgres } from './connections.ts';
import { mergedEntry } from './merged-entry.ts';
import { differingRows } from './queries/differing-rows.ts';
import { findEntries } from './queries/find-entries.ts';
import { rowHeads } from './queries/row-heads.ts';

export class PostgresSnapshotScan implements SnapshotScan {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  async differing(season: string, epoch: number, entries: readonly EntryRecord[]): Promise<RowDifference[]> {
    if (entries.length === 0) return [];
    return this.#postgres.read(({ sql }) => differingRows(sql, { season, epoch, entries }));
  }

  heads(season: string, after: string, limit: number): Promise<RowHead[]> {
    return this.#postgres.read(({ sql }) => rowHeads(sql, { season, after, limit }));
  }

  async records(season: LiveSeason, players: readonly string[]): Promise<EntryRecord[]> {
    const rows = await this.#postgres.read(({ sql }) => findEntries(sql, { season: season.id, players }));
    return rows.map((row) => mergedEntry(season.board, row).record);
  }
}
