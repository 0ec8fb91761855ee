/** Port of an import: the database that takes the rows. */
import type { HeldUnit } from '../board/sent-unit.ts';

export interface ImportRow extends HeldUnit {
  player: string;
  score: number;
  /** Milliseconds; undefined: when the season was closed, so that the same line again is the same row. */
  achievedAt: number | undefined;
  /** Of the request, 1-based. */
  line: number;
}

/** add: the first row of a player stands, and so does an entry that was played. replace: a correction. A row takes the place of whatever ticks
 *  or imports left, and the last row of a player stands; what finals say stays. */
export const IMPORT_MODES = ['add', 'replace'] as const;
export type ImportMode = (typeof IMPORT_MODES)[number];

/** A row that an entry of the same player, with another score, columns, time or metadata, stands in the way of. */
export interface ImportConflict {
  line: number;
  player: string;
  /** What stands. */
  score: number;
}

export interface ImportBatch {
  imported: number;
  /** Of those, entries that had another score or time before. */
  replaced: number;
  /** The same row was there before. */
  unchanged: number;
  conflicts: ImportConflict[];
}

/** Implemented by postgres/. */
export interface ImportStore {
  /** One transaction. @throws Fault SEASON_NOT_FOUND, INVALID_REQUEST when the season is not closed (any more) */
  write(season: string, rows: readonly ImportRow[]): Promise<ImportBatch>;
  /** The same, for corrections, with its line in the audit log. */
  replace(season: string, rows: readonly ImportRow[], by: string): Promise<ImportBatch>;
  /** Before the first correction: from now on no flush of what was played can write over one. @throws Fault as `write` does */
  fence(season: string): Promise<void>;
  /** The last word of an import, for the audit log. */
  record(import_: {
    season: string;
    by: string;
    mode: ImportMode;
    imported: number;
    refused: number;
  }): Promise<void>;
}
