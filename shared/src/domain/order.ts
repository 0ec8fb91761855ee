/** The one total order of entries, used by Redis, SQL and TypeScript alike:
 *  better score first, then the earlier `achievedAt`, then the player id by bytes.
 *
 *  Redis sorts a ZSET by score (a double), then by member bytes. So the ZSET score is made "smaller is
 *  better" and the member starts with a fixed-width stamp of `achievedAt` whose byte order is time order. */
import { normalizeScore } from './score.ts';

export type SortOrder = 'desc' | 'asc';

export interface OrderKey {
  score: number;
  /** Milliseconds since the Unix epoch when the entry reached its present score. */
  achievedAt: number;
  player: string;
}

const compareIds = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Negative when `a` stands above `b`. Never 0 for two different players. */
export function compareEntries(sortOrder: SortOrder, a: OrderKey, b: OrderKey): number {
  if (a.score !== b.score) return (a.score < b.score ? -1 : 1) * (sortOrder === 'desc' ? -1 : 1);
  if (a.achievedAt !== b.achievedAt) return a.achievedAt - b.achievedAt;
  return compareIds(a.player, b.player);
}

export const isBetter = (sortOrder: SortOrder, a: number, b: number): boolean =>
  sortOrder === 'desc' ? a > b : a < b;

/** The ZSET score: smaller is better. Its own inverse. */
export const rankedScore = (sortOrder: SortOrder, score: number): number =>
  normalizeScore(sortOrder === 'desc' ? -score : score);

/** 64 digits in ascending byte order, so that stamps of equal width sort as their numbers do. */
const DIGITS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const VALUE_OF = new Map([...DIGITS].map((digit, value) => [digit, value]));

/** Eight base-64 digits hold 48 bits of milliseconds: enough until the year 10889. */
export const STAMP_WIDTH = 8;
export const STAMP_MAX = 2 ** 48 - 1;

/** Milliseconds to a fixed-width string whose byte order is time order. @throws RangeError outside 0 … 2^48 - 1 */
export function stampOf(ms: number): string {
  if (!Number.isInteger(ms) || ms < 0 || ms > STAMP_MAX)
    throw new RangeError(`a stamp takes whole milliseconds from 0 to ${STAMP_MAX}, not ${ms}`);
  let stamp = '';
  let rest = ms;
  for (let i = 0; i < STAMP_WIDTH; i++) {
    stamp = DIGITS.charAt(rest % 64) + stamp;
    rest = Math.floor(rest / 64);
  }
  return stamp;
}

/** The inverse of `stampOf`. @throws RangeError for anything that `stampOf` does not write */
export function msOfStamp(stamp: string): number {
  if (stamp.length !== STAMP_WIDTH) throw new RangeError(`a stamp has ${STAMP_WIDTH} digits: ${stamp}`);
  let ms = 0;
  for (const digit of stamp) {
    const value = VALUE_OF.get(digit);
    if (value === undefined) throw new RangeError(`not a stamp digit: ${digit}`);
    ms = ms * 64 + value;
  }
  return ms;
}
