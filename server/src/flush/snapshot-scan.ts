/** Port: the snapshot as reconciling reads it. Implemented by postgres/. */
import type { LiveSeason } from '../board/live-board.ts';
import type { EntryRecord } from './dirty-queue.ts';

export interface RowDifference {
  player: string;
  kind: 'row-missing' | 'row-older' | 'row-differs';
}

/** How new Postgres is about one player. */
export interface RowHead {
  player: string;
  /** Of the snapshot's row; undefined where there is none. */
  row: { epoch: number; rev: number } | undefined;
  /** Finals that the player's standing counts, once all of them are known to be live; 0 before. */
  finals: number;
}

export interface SnapshotScan {
  /** The rows that say less than these live entries, or something else under the same revision. Rows that are newer are
   *  no difference: they were flushed after the entries were read. */
  differing(season: string, epoch: number, entries: readonly EntryRecord[]): Promise<RowDifference[]>;
  /** The next `limit` players after `after`, in key order. */
  heads(season: string, after: string, limit: number): Promise<RowHead[]>;
  /** Snapshot merged with standings, for those players that Postgres has; `rev` is 0. */
  records(season: LiveSeason, players: readonly string[]): Promise<EntryRecord[]>;
}
