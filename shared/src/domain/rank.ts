/** Ranks: the numbers that entries get along the total order. The order never differs, only how equal entries are numbered.
 *  Redis scripts and SQL number the same way; a property test holds all three together. */

import { isSameUnit, type Unit } from './order.ts';

export const RANKINGS = ['ordinal', 'competition', 'dense'] as const;
/** ordinal: 1-2-3, whoever reached a score first stands before equals; competition: 1-1-3; dense: 1-1-2. */
export type Ranking = (typeof RANKINGS)[number];

/** Where an entry stands, both 1-based. */
export interface Numbers {
  /** Its position in the total order: no two entries share one. */
  place: number;
  /** What is shown: entries of the same score and columns share it, unless the ranking is ordinal. */
  rank: number;
}

/** Of an entry as reads show it, which leaves the place out where it is the rank. */
export const placeOf = (entry: { rank: number; place?: number | undefined }): number =>
  entry.place ?? entry.rank;

/** @param entries neighbours in the total order
 *  @param first the numbers of the first one */
export function number<E extends Unit>(
  entries: readonly E[],
  ranking: Ranking,
  first: Numbers = { place: 1, rank: 1 },
): (E & Numbers)[] {
  let { place, rank } = first;
  let before: E | undefined;
  return entries.map((entry) => {
    if (before) {
      place += 1;
      if (ranking === 'ordinal' || !isSameUnit(before, entry)) rank = ranking === 'dense' ? rank + 1 : place;
    }
    before = entry;
    return { ...entry, place, rank };
  });
}

/** In percent: how much of the season an entry beats or ties, itself included; rounded down to hundredths, so that 100 means
 *  that nobody is better. The ranking plays no part.
 *  @param better entries that are better than it */
export const percentile = (total: number, better: number): number =>
  total === 0 ? 0 : Math.floor(((total - better) * 10_000) / total) / 100;
