/** One line of an import, read and checked: a row, or what is wrong with it. */
import type { Board } from '@photofinish/shared/domain/board';
import { isId } from '@photofinish/shared/domain/ids';
import { Fault } from '@photofinish/shared/protocol/errors';
import { heldUnit } from '../board/sent-unit.ts';
import { checkScore } from '../board/tick-rules.ts';
import type { ImportRow } from './import-store.ts';

export type ImportFormat = 'ndjson' | 'csv';

const FIELDS = ['player', 'score', 'achievedAt'] as const;
/** Where the board has them; a CSV has one `columns.ID` for each column, as an export has, and no metadata. */
const UNIT_FIELDS = ['columns', 'metadata'] as const;
/** What a line of an export has besides, so that an export may be corrected and sent back; not looked at. */
const EXPORTED = ['rank', 'name', 'bucket'] as const;
type Field = (typeof FIELDS)[number] | (typeof UNIT_FIELDS)[number];
type Values = Partial<Record<Field, unknown>>;
/** Of a CSV: a field, or a column of the board. */
type Head = (typeof FIELDS)[number] | { column: string };

/** The last millisecond of the year 9999: what is past it was not meant as milliseconds. */
const TIME_MAX = 253_402_300_799_999;

/** Reads line after line. Invariant: a line that throws has changed nothing of the reader. */
export class ImportReader {
  readonly #board: Board;
  readonly #format: ImportFormat;
  #heads: Head[] | undefined;

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
    if (this.#heads) return this.#row(fromCells(this.#heads, cells), line);
    this.#heads = headsOf(this.#board, cells);
    return undefined;
  }

  /** False while a CSV's header is missing or wrong: no line after it can be read. */
  get canGoOn(): boolean {
    return this.#format === 'ndjson' || this.#heads !== undefined;
  }

  #row(values: Values, line: number): ImportRow {
    const { player, score, achievedAt, columns, metadata } = values;
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
    if (columns !== undefined && !isColumns(columns))
      throw wrong(
        'columns',
        'an object of whole numbers by column, |number| <= 2^53 - 1',
        'send whole numbers',
      );
    if (metadata !== undefined && !isObject(metadata))
      throw wrong('metadata', 'a JSON object', 'send an object');
    const unit = heldUnit(this.#board, { columns, metadata });
    return { player, score: score as number, achievedAt, ...unit, line };
  }
}

const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= TIME_MAX;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isColumns = (value: unknown): value is Record<string, number> =>
  isObject(value) && Object.values(value).every((number) => Number.isSafeInteger(number));

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
  const fields: readonly string[] = [...FIELDS, ...UNIT_FIELDS];
  const unknown = Object.keys(value).find((name) => ![...fields, ...EXPORTED].includes(name));
  if (unknown !== undefined)
    throw wrong('line', `an object of ${fields.join(', ')} alone`, 'leave other members out');
  return value;
}

function fromCells(heads: readonly Head[], cells: readonly string[]): Values {
  if (cells.length !== heads.length)
    throw wrong('line', `${heads.length} values, as the header has names`, 'send a value for each column');
  const values: Values = {};
  const columns: Record<string, unknown> = {};
  for (const [i, head] of heads.entries()) {
    const cell = cells[i] ?? '';
    const number = /^-?\d{1,16}$/.test(cell) ? Number(cell) : cell;
    if (typeof head === 'object') columns[head.column] = number;
    else if (head === 'player') values.player = cell;
    else if (head === 'score' || cell !== '') values[head] = number;
  }
  return heads.some((head) => typeof head === 'object') ? { ...values, columns } : values;
}

function headsOf(board: Board, cells: readonly string[]): Head[] {
  const names = cells.map((cell, i) => (i === 0 ? cell.replace(/^\ufeff/, '') : cell));
  const heads = names.flatMap((name): Head[] => {
    const column = board.columns.find(({ id }) => name === `columns.${id}`)?.id;
    if (column !== undefined) return [{ column }];
    return FIELDS.filter((field) => field === name);
  });
  const needed = ['player', 'score', ...board.columns.map(({ id }) => `columns.${id}`)];
  const isWhole = needed.every((name) => names.includes(name)) && heads.length === names.length;
  if (!isWhole || new Set(names).size !== names.length)
    throw wrong(
      'header',
      `the names ${needed.join(', ')} and optionally achievedAt, each once`,
      `begin the CSV with: ${[...needed, 'achievedAt'].join(',')}`,
    );
  return heads;
}
