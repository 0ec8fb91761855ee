/** Port: the snapshot of live entries in Postgres. Implemented by postgres/. */
import type { LiveSeason, Position } from '../board/live-board.ts';
import type { RankedReads } from '../board/ranked-reads.ts';
import type { EntryRecord } from './dirty-queue.ts';

export type SnapshotWriteResult =
  /** `refused`: rows that Postgres already had newer; expected only after a takeover, an alarm when it keeps growing. */
  | { kind: 'ok'; written: number; refused: number }
  /** The season has begun a newer epoch: what this flusher holds is of a past life and must not be written. */
  | { kind: 'fenced'; epoch: number };

export interface Watermark extends Position {
  at: number;
}

export interface SnapshotChunk {
  season: string;
  epoch: number;
  records: readonly EntryRecord[];
  watermark: Watermark | undefined;
}

/** A row of the chunk is at fault (SQLSTATE 22 or 23): written again unchanged it is refused again. Nothing of the chunk was written. */
export class RowsRefused extends Error {
  readonly sqlState: string;

  constructor(reason: string, sqlState: string) {
    super(reason);
    this.name = 'RowsRefused';
    this.sqlState = sqlState;
  }
}

/** Its ranks are as of the watermark. */
export interface SnapshotStore extends RankedReads {
  /** One transaction: players, rows where `(epoch, rev)` is newer, and the watermark when this chunk completes a claim.
   *  Shares the season's row lock with other flushes and excludes `raiseEpoch`. @throws RowsRefused for a poison row */
  write(chunk: SnapshotChunk): Promise<SnapshotWriteResult>;
  epoch(season: string): Promise<number>;
  /** Begins a new epoch if it is still `from`; undefined when another builder was first. Fences every older flush. */
  raiseEpoch(season: string, from: number): Promise<number | undefined>;
  /** All entries of a season, snapshot merged with standings (which are newer for `confirmed`), in chunks; `rev` is 0.
   *  Run after `raiseEpoch`, so that no older flush can add to what was read. */
  load(season: LiveSeason, chunkSize: number): AsyncIterable<EntryRecord[]>;
  watermark(season: string): Promise<Watermark | undefined>;
}
