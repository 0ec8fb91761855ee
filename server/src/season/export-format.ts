/** A season's rows as text: CSV for spreadsheets, NDJSON for programs.
 *
 *  A spreadsheet runs a cell that begins with = + - @ as a formula, and player names are chosen by players. In CSV such a text gets an
 *  apostrophe in front, which spreadsheets do not show. Numbers stay as they are, and NDJSON has every text unchanged. */
import type { Board } from '@photofinish/shared/domain/board';
import { columnsOf } from '@photofinish/shared/domain/columns';
import { stringify } from 'csv-stringify/sync';
import type { ExportRow } from './export-store.ts';

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface Encoder {
  contentType: string;
  head: string;
  rows(rows: readonly ExportRow[]): string;
}

export const encoderOf = (format: ExportFormat, board: Board): Encoder =>
  format === 'csv' ? csv(board) : ndjson(board);

function csv(board: Board): Encoder {
  const { columns } = board;
  const withMetadata = board.entryMetadata !== undefined;
  const withBucket = board.buckets !== undefined;
  const write = (cells: readonly (readonly (string | number)[])[]): string =>
    stringify(cells as (string | number)[][], { escape_formulas: true, record_delimiter: '\n' });
  return {
    contentType: 'text/csv; charset=utf-8; header=present',
    head: write([
      [
        ...['rank', 'player', 'name', 'score'],
        ...columns.map(({ id }) => `columns.${id}`),
        ...['achievedAt', ...(withMetadata ? ['metadata'] : []), ...(withBucket ? ['bucket'] : [])],
      ],
    ]),
    rows: (rows) =>
      write(
        rows.map((row) => [
          ...[row.rank, row.player, row.name ?? '', row.score],
          ...Object.values(columnsOf(columns, row.columnsKey)),
          ...[row.achievedAt, ...(withMetadata ? [row.metadata ?? ''] : [])],
          ...(withBucket ? [row.bucket ?? ''] : []),
        ]),
      ),
  };
}

function ndjson({ columns }: Board): Encoder {
  const line = ({ rank, player, name, score, columnsKey, achievedAt, ...rest }: ExportRow): string => {
    const row = {
      ...{ rank, player },
      ...(name === null ? {} : { name }),
      score,
      ...(columns.length === 0 ? {} : { columns: columnsOf(columns, columnsKey) }),
      achievedAt,
      ...(rest.metadata === null ? {} : { metadata: JSON.parse(rest.metadata) as unknown }),
      ...(rest.bucket === null ? {} : { bucket: rest.bucket }),
    };
    return `${JSON.stringify(row)}\n`;
  };
  return { contentType: 'application/x-ndjson', head: '', rows: (rows) => rows.map(line).join('') };
}
