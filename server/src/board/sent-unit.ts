/** What a run brings beside its score: columns, metadata and the key of its buckets, checked against the board and made what entries hold.
 *
 *  A score without its columns would be compared with those of another run: all of the board's columns come with each score, or none is
 *  taken of it. */
import type { Board } from '@photofinish/shared/domain/board';
import { columnsKeyOf } from '@photofinish/shared/domain/columns';
import { Fault } from '@photofinish/shared/protocol/errors';

export interface SentUnit {
  columns?: Readonly<Record<string, number>> | undefined;
  metadata?: Readonly<Record<string, unknown>> | undefined;
  /** As `bucketKeyOf` found it. */
  bucketKey?: string | undefined;
}

export interface HeldUnit {
  columnsKey?: string | undefined;
  /** JSON text. */
  metadata?: string | undefined;
  /** On boards with buckets by key: any bucket of the key. */
  bucket?: string | undefined;
}

/** Whose buckets a player comes into when nobody names a key. */
const NO_KEY = 'none';

const NOTHING: HeldUnit = {};

/** @param within where the run stands in its request, like `finals.3.`
 *  @throws Fault INVALID_REQUEST */
export function heldUnit(board: Board, sent: SentUnit, within = ''): HeldUnit {
  const { columns, metadata } = sent;
  // Most boards, and every tick of theirs.
  const byKey = board.buckets?.by === 'key';
  if (!byKey && board.columns.length === 0 && columns === undefined && metadata === undefined) return NOTHING;
  return {
    columnsKey: columnsKey(board, columns, within),
    metadata: metadataText(board, metadata, within),
    bucket: byKey ? `${sent.bucketKey ?? NO_KEY}.0` : undefined,
  };
}

function columnsKey(board: Board, columns: SentUnit['columns'], within: string): string | undefined {
  const names = board.columns.map(({ id }) => id);
  const refuse = (column: string, what: string, fix: string): never => {
    const field = `${within}columns${column && `.${column}`}`;
    throw new Fault('INVALID_REQUEST', `${field}: board ${board.id} ${what}; ${fix}`, {
      field,
      limit: names.length === 0 ? 'boards that have columns' : `the columns ${names.join(', ')}`,
      fix,
    });
  };
  if (names.length === 0) {
    if (columns !== undefined) refuse('', 'has no columns', 'leave columns out');
    return undefined;
  }
  const all = `send columns with ${names.join(', ')}`;
  if (!columns) return refuse('', `compares ${names.join(', ')} when scores are equal`, all);
  const stranger = Object.keys(columns).find((name) => !names.includes(name));
  if (stranger !== undefined) refuse(stranger, 'has no such column', all);
  const missing = names.find((name) => !Object.hasOwn(columns, name));
  if (missing !== undefined) refuse(missing, 'needs this column with each score', all);
  return columnsKeyOf(board.columns, columns);
}

function metadataText(board: Board, metadata: SentUnit['metadata'], within: string): string | undefined {
  if (metadata === undefined) return undefined;
  const field = `${within}metadata`;
  const refuse = (what: string, limit: string, fix: string): never => {
    throw new Fault('INVALID_REQUEST', `${field}: ${what}; ${fix}`, { field, limit, fix });
  };
  if (!board.entryMetadata)
    return refuse(`board ${board.id} keeps no metadata`, 'boards with entryMetadata', 'leave metadata out');
  const { bytesMax } = board.entryMetadata;
  const text = JSON.stringify(metadata);
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax)
    return refuse(
      `${bytes} bytes of JSON are more than board ${board.id} keeps`,
      `${bytesMax} bytes of JSON in UTF-8`,
      'send less',
    );
  return text;
}
