/** One line of an import, read and checked: a row, or what is wrong with it. */
import type { Board } from '@photofinish/shared/domain/board';
import { isId } from '@photofinish/shared/domain/ids';
import { Fault } from '@photofinish/shared/protocol/errors';
import { checkScore } from '../board/tick-rules.ts';
import type { ImportRow } from './import-store.ts';

export type ImportFormat = 'ndjson' | 'csv';

const COLUMNS = ['player', 'score', 'achievedAt'] as const;
type Column = (typeof COLUMNS)[number];
type Values = Partial<Record<Column, unknown>>;

/** The last millisecond of the year 9999: what is past it was not meant as milliseconds. */
const TIME_MAX = 253_402_300_799_999;

/** Reads line after line. Invariant: a line that throws has changed nothing of the reader. */
export class ImportReader {
  readonly #board: Board;
  readonly #format: ImportFormat;
  #columns: Column[] | undefined;

  constructor(board: Board, format: ImportFormat) {
    this.#board = board;
    this.#format = format;
  }

  /** @returns undefined for an empty line and for the header of a CSV. @throws Fault with the field, its limit and the fix */
  read(text: string, line: number): ImportRow | undefined {
    const trimmed = text.trim();
    if (trimmed === '') return undefined;
    if (this.#format === 'ndjson') return this.#row(fromJson(trimmed), line);
    const cells = trimmed.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (this.#columns) return this.#row(fromCells(this.#columns, cells), line);
    this.#columns = columnsOf(cells);
    return undefined;
  }

  /** False while a CSV's header is missing or wrong: no line after it can be read. */
  get canGoOn(): boolean {
    return this.#format === 'ndjson' || this.#columns !== undefined;
  }

  #row(values: Values, line: number): ImportRow {
    const { player, score, achievedAt } = values;
    if (!isId(player))
      throw wrong('player', '1 to 64 of A-Z a-z 0-9 . _ ~ -', 'send the id as ticks would carry it');
    if (!Number.isSafeInteger(score))
      throw wrong('score', 'a whole number, |score| <= 2^53 - 1', 'send a whole number');
    checkScore(this.#board, score as number, 'score');
    if (achievedAt !== undefined && !isTime(achievedAt))
      throw wrong(
        'achievedAt',
        `whole milliseconds since the Unix epoch, 0 to ${TIME_MAX}`,
        'send milliseconds, or leave it out for the time at which the season was closed',
      );
    return { player, score: score as number, achievedAt, line };
  }
}

const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= TIME_MAX;

const wrong = (field: string, limit: string, fix: string): Fault =>
  new Fault('INVALID_REQUEST', `${field}: must be ${limit}; ${fix}`, { field, limit, fix });

function fromJson(text: string): Values {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong('line', 'one JSON object', 'send {"player":"ann","score":10}');
  const unknown = Object.keys(value).find((name) => !COLUMNS.includes(name as Column));
  if (unknown !== undefined)
    throw wrong('line', `an object of ${COLUMNS.join(', ')} alone`, 'leave other members out');
  return value;
}

function fromCells(columns: readonly Column[], cells: readonly string[]): Values {
  if (cells.length !== columns.length)
    throw wrong('line', `${columns.length} values, as the header has names`, 'send a value for each column');
  const values: Values = {};
  for (const [i, column] of columns.entries()) {
    const cell = cells[i] ?? '';
    if (column === 'player') values.player = cell;
    else if (column === 'score' || cell !== '')
      values[column] = /^-?\d{1,16}$/.test(cell) ? Number(cell) : cell;
  }
  return values;
}

function columnsOf(cells: readonly string[]): Column[] {
  const names = cells.map((cell, i) => (i === 0 ? cell.replace(/^\ufeff/, '') : cell));
  const known = names.filter((name): name is Column => COLUMNS.includes(name as Column));
  const isWhole = known.includes('player') && known.includes('score');
  if (known.length !== names.length || !isWhole || new Set(known).size !== known.length)
    throw wrong(
      'header',
      'the names player, score and optionally achievedAt, each once',
      'begin the CSV with: player,score,achievedAt',
    );
  return known;
}
