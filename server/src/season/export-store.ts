/** Port: all rows of a season as of one moment, in rank order. Implemented by postgres/. */
import type { Board } from '@photofinish/shared/domain/board';

/** settled: what the settlement fixed. finals: what finals come to. snapshot: entries as of the last flush, imported ones too. */
export const EXPORT_SOURCES = ['settled', 'finals', 'snapshot'] as const;
export type ExportSource = (typeof EXPORT_SOURCES)[number];

export interface ExportRow {
  rank: number;
  player: string;
  name: string | null;
  score: number;
  columnsKey: string;
  achievedAt: number;
  /** JSON text. */
  metadata: string | null;
  bucket: string | null;
}

export interface ExportRows {
  /** All of them, from the first, each time that it is asked; the same each time. */
  batches(): AsyncGenerator<ExportRow[]>;
  /** Lets the connection go. More than once does no harm. */
  close(): Promise<void>;
}

export interface ExportStore {
  /** Rows do not change while they are read, whatever is written meanwhile. */
  open(of: { season: string; board: Board; source: ExportSource }): Promise<ExportRows>;
}
