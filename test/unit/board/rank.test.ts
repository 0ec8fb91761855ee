import { number, percentile, placeOf, RANKINGS } from '@photofinish/shared/domain/rank';
import { describe, expect, it } from 'vitest';

const scores = [9, 9, 9, 5, 5, 1];
const entries = scores.map((score) => ({ score }));
const RANKS = {
  ordinal: [1, 2, 3, 4, 5, 6],
  competition: [1, 1, 1, 4, 4, 6],
  dense: [1, 1, 1, 2, 2, 3],
};

describe('ranks', () => {
  it.each(RANKINGS)('[RD5] equal scores are numbered by the ranking, and places are not: %s', (ranking) => {
    const numbered = number(entries, ranking);
    expect(numbered.map(({ rank }) => rank)).toEqual(RANKS[ranking]);
    expect(numbered.map(({ place }) => place)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(number([], ranking)).toEqual([]);
  });

  it.each(RANKINGS)('[RD5] a part goes on from the numbers of its first entry: %s', (ranking) => {
    const whole = number(entries, ranking);
    for (const [i, first] of whole.entries())
      expect(number(entries.slice(i), ranking, first)).toEqual(whole.slice(i));
  });

  it('[RD5] an entry without a place stands at its rank', () => {
    expect([placeOf({ rank: 2 }), placeOf({ rank: 2, place: 5 })]).toEqual([2, 5]);
  });

  it.each([
    [1, 0, 100],
    [3, 0, 100],
    [3, 1, 66.66],
    [3, 2, 33.33],
    [10_000, 9_999, 0.01],
    [1_000_000, 999_999, 0],
    [0, 0, 0],
  ])('[RD9] of %i entries, %i of them better, the percentile is %d', (total, better, expected) => {
    expect(percentile(total, better)).toBe(expected);
  });
});
