/** Columns: what a board compares after the score, each with a direction of its own (laps, then penalties, then coins).
 *
 *  A run's columns are one text, `columnsKey`: nine digits per column, made so that byte order is "better first" whatever the
 *  directions are. Redis puts it into the ZSET member, SQL sorts by it, and nobody but this file looks inside.
 *
 *  A column's number is made "smaller is better", as scores are, and cut in two so that no step leaves the range of exact
 *  doubles: the upper 30 bits, raised by 2^29 to be no less than 0, and the lower 24. */
import { digitsOf, valueOfDigits } from './digits.ts';
import { rankedScore, type SortOrder } from './order.ts';
import { isScore } from './score.ts';

export interface Column {
  id: string;
  /** desc: the larger number is better. */
  sortOrder: SortOrder;
}

export const COLUMNS_MAX = 3;

const LOW = 2 ** 24;
const HIGH_OFFSET = 2 ** 29;
const HIGH_DIGITS = 5;
const LOW_DIGITS = 4;
export const COLUMN_WIDTH = HIGH_DIGITS + LOW_DIGITS;

function encoded(ranked: number): string {
  if (!isScore(ranked)) throw new RangeError(`a column takes a safe integer, not ${ranked}`);
  const high = Math.floor(ranked / LOW);
  return digitsOf(high + HIGH_OFFSET, HIGH_DIGITS) + digitsOf(ranked - high * LOW, LOW_DIGITS);
}

const decoded = (digits: string): number =>
  (valueOfDigits(digits.slice(0, HIGH_DIGITS)) - HIGH_OFFSET) * LOW +
  valueOfDigits(digits.slice(HIGH_DIGITS));

/** '' on a board without columns. @throws RangeError for a column that is missing or no safe integer */
export function columnsKeyOf(columns: readonly Column[], values: Readonly<Record<string, number>>): string {
  let key = '';
  for (const { id, sortOrder } of columns) key += encoded(rankedScore(sortOrder, values[id] ?? Number.NaN));
  return key;
}

/** The inverse of `columnsKeyOf`. @throws RangeError for a key of other columns */
export function columnsOf(columns: readonly Column[], columnsKey: string): Record<string, number> {
  const parts = partsOf(columnsKey);
  if (parts.length !== columns.length)
    throw new RangeError(
      `a key of ${columns.length} columns has ${columns.length * COLUMN_WIDTH} digits: ${columnsKey}`,
    );
  return Object.fromEntries(
    columns.map(({ id, sortOrder }, i): [string, number] => [
      id,
      rankedScore(sortOrder, decoded(parts[i] ?? '')),
    ]),
  );
}

function partsOf(columnsKey: string): string[] {
  if (columnsKey.length % COLUMN_WIDTH !== 0)
    throw new RangeError(`a columns key has ${COLUMN_WIDTH} digits per column: ${columnsKey}`);
  return Array.from({ length: columnsKey.length / COLUMN_WIDTH }, (_, i) =>
    columnsKey.slice(i * COLUMN_WIDTH, (i + 1) * COLUMN_WIDTH),
  );
}

/** Column by column: a key holds its numbers up to a sign, which is the same in both. @param a '' counts as zeros
 *  @returns 'overflow' when a sum is not a safe integer */
export function addColumns(a: string, b: string): string | 'overflow' {
  if (a === '') return b;
  if (b === '') return a;
  const others = partsOf(b);
  let key = '';
  for (const [i, part] of partsOf(a).entries()) {
    const sum = decoded(part) + decoded(others[i] ?? '');
    if (!isScore(sum)) return 'overflow';
    key += encoded(sum);
  }
  return key;
}
