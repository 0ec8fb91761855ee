/** Ports of an import: the database that takes the rows, and the memory that must not show a season without them. */
import type { LiveSeason } from '../board/live-board.ts';

export interface ImportRow {
  player: string;
  score: number;
  /** Milliseconds; undefined: when the season was closed, so that the same line again is the same row. */
  achievedAt: number | undefined;
  /** Of the request, 1-based. */
  line: number;
}

/** A row that an entry of the same player, with another score or time, stands in the way of. */
export interface ImportConflict {
  line: number;
  player: string;
  /** What stands. */
  score: number;
}

export interface ImportBatch {
  imported: number;
  /** The same row was there before. */
  unchanged: number;
  conflicts: ImportConflict[];
}

/** Implemented by postgres/. */
export interface ImportStore {
  /** One transaction. @throws Fault SEASON_NOT_FOUND, INVALID_REQUEST when the season is not closed (any more) */
  write(season: string, rows: readonly ImportRow[]): Promise<ImportBatch>;
  /** The last word of an import, for the audit log. */
  record(import_: { season: string; by: string; imported: number; refused: number }): Promise<void>;
}

/** Implemented by redis/. */
export interface SeasonMemory {
  /** Forgets the season in one step, unless something of it is not committed. @returns false when it was kept for that */
  forget(season: LiveSeason): Promise<boolean>;
}
