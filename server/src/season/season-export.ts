/** Exports of a season: a consistent body whose length and hash are known before its first byte.
 *
 *  The rows are read twice from one snapshot of the database: once to count and hash the body, once to send it. So a download that was cut
 *  is noticed by its length, and one that was changed by its hash, with nothing but ordinary headers. Memory holds one batch of rows. */
import { createHash } from 'node:crypto';
import type { Board } from '@photofinish/shared/domain/board';
import type { SeasonState } from '@photofinish/shared/domain/season';
import { Fault } from '@photofinish/shared/protocol/errors';
import { type ExportFormat, encoderOf } from './export-format.ts';
import type { ExportRows, ExportSource, ExportStore } from './export-store.ts';

export interface Export {
  contentType: string;
  source: ExportSource;
  rows: number;
  bytes: number;
  /** Hex, of the whole body. */
  sha256: string;
  body(): AsyncGenerator<Uint8Array>;
  /** Must be called however the body ended. */
  close(): Promise<void>;
}

/** Each holds a database connection and its snapshot, which keeps dead rows from being cleared away. */
const EXPORTS_MAX = 2;
/** As long as one may take in all: the time of a slow download of millions of rows. */
const EXPORT_MAX_MS = 15 * 60_000;

interface Of {
  season: { id: string; state: SeasonState };
  board: Board;
  format: ExportFormat;
  /** Left out: what the season's readers are shown. */
  source?: ExportSource | undefined;
}

export class SeasonExports {
  readonly #store: ExportStore;
  #running = 0;

  constructor(store: ExportStore) {
    this.#store = store;
  }

  /** @throws Fault OVERLOADED, INVALID_REQUEST */
  async begin({ season, board, format, source = sourceOf(season.state) }: Of): Promise<Export> {
    if (source === 'settled' && season.state !== 'settled') throw noSuchSource(season, source);
    if (source === 'finals' && board.kind === 'open') throw noSuchSource(season, source);
    if (this.#running >= EXPORTS_MAX)
      throw new Fault('OVERLOADED', `${EXPORTS_MAX} exports are running at this server; try again later`, {
        limit: `${EXPORTS_MAX} exports at once`,
        retryAfterMs: 5_000,
      });
    this.#running++;
    let rows: ExportRows | undefined;
    let open = true;
    const close = async (): Promise<void> => {
      if (!open) return;
      open = false;
      clearTimeout(timer);
      this.#running--;
      await rows?.close();
    };
    const timer = setTimeout(() => void close(), EXPORT_MAX_MS);
    try {
      rows = await this.#store.open({ season: season.id, board, source });
      return { source, ...(await measured(rows, format, board)), close };
    } catch (error) {
      await close();
      throw error;
    }
  }
}

const sourceOf = (state: SeasonState): ExportSource => (state === 'settled' ? 'settled' : 'snapshot');

const noSuchSource = ({ id, state }: { id: string; state: SeasonState }, source: ExportSource): Fault =>
  new Fault(
    'INVALID_REQUEST',
    source === 'settled'
      ? `from: season ${id} is ${state} and has no settlement; settle it first, or export its snapshot or finals`
      : `from: season ${id} is of an open board, which has no finals; export its snapshot`,
    { field: 'from', fix: 'use from=snapshot' },
  );

async function measured(rows: ExportRows, format: ExportFormat, board: Board) {
  const encoder = encoderOf(format, board);
  async function* body(): AsyncGenerator<Uint8Array> {
    if (encoder.head !== '') yield Buffer.from(encoder.head);
    for await (const batch of rows.batches()) yield Buffer.from(encoder.rows(batch));
  }
  const hash = createHash('sha256');
  let bytes = 0;
  let count = 0;
  if (encoder.head !== '') {
    const head = Buffer.from(encoder.head);
    hash.update(head);
    bytes += head.length;
  }
  for await (const batch of rows.batches()) {
    const part = Buffer.from(encoder.rows(batch));
    hash.update(part);
    bytes += part.length;
    count += batch.length;
  }
  return { contentType: encoder.contentType, rows: count, bytes, sha256: hash.digest('hex'), body };
}
