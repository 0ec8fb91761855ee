/** The one total order of entries, used by Redis, SQL and TypeScript alike:
 *  better score first, then better columns (on boards that have some), then the earlier `achievedAt`, then the player id by bytes.
 *
 *  Redis sorts a ZSET by score (a double), then by member bytes. So the ZSET score is made "smaller is better" and the member
 *  starts with what comes next, fixed in width and in byte order: the columns' key, then a stamp of `achievedAt`. */
import { digitsOf, valueOfDigits } from './digits.ts';
import { normalizeScore } from './score.ts';

export type SortOrder = 'desc' | 'asc';

/** What runs are compared by: never the score of one with the columns of another. */
export interface Unit {
  score: number;
  /** Of the board's columns, in byte order (columns.ts); absent on boards without. */
  columnsKey?: string | undefined;
}

export interface OrderKey extends Unit {
  /** Milliseconds since the Unix epoch when the entry reached its present score. */
  achievedAt: number;
  player: string;
}

const compareBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Negative when `a` stands above `b`. Never 0 for two different players. */
export function compareEntries(sortOrder: SortOrder, a: OrderKey, b: OrderKey): number {
  if (a.score !== b.score) return (a.score < b.score ? -1 : 1) * (sortOrder === 'desc' ? -1 : 1);
  const columns = compareBytes(a.columnsKey ?? '', b.columnsKey ?? '');
  if (columns !== 0) return columns;
  if (a.achievedAt !== b.achievedAt) return a.achievedAt - b.achievedAt;
  return compareBytes(a.player, b.player);
}

export const isBetter = (sortOrder: SortOrder, a: number, b: number): boolean =>
  sortOrder === 'desc' ? a > b : a < b;

export const isBetterUnit = (sortOrder: SortOrder, a: Unit, b: Unit): boolean =>
  a.score === b.score ? (a.columnsKey ?? '') < (b.columnsKey ?? '') : isBetter(sortOrder, a.score, b.score);

export const isSameUnit = (a: Unit, b: Unit): boolean =>
  a.score === b.score && (a.columnsKey ?? '') === (b.columnsKey ?? '');

/** The ZSET score: smaller is better. Its own inverse. */
export const rankedScore = (sortOrder: SortOrder, score: number): number =>
  normalizeScore(sortOrder === 'desc' ? -score : score);

/** Eight base-64 digits hold 48 bits of milliseconds: enough until the year 10889. */
export const STAMP_WIDTH = 8;
export const STAMP_MAX = 2 ** 48 - 1;

/** Milliseconds to a fixed-width string whose byte order is time order. @throws RangeError outside 0 … 2^48 - 1 */
export function stampOf(ms: number): string {
  if (!Number.isInteger(ms) || ms < 0 || ms > STAMP_MAX)
    throw new RangeError(`a stamp takes whole milliseconds from 0 to ${STAMP_MAX}, not ${ms}`);
  return digitsOf(ms, STAMP_WIDTH);
}

/** The inverse of `stampOf`. @throws RangeError for anything that `stampOf` does not write */
export function msOfStamp(stamp: string): number {
  if (stamp.length !== STAMP_WIDTH) throw new RangeError(`a stamp has ${STAMP_WIDTH} digits: ${stamp}`);
  return valueOfDigits(stamp);
}
