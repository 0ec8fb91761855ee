import { describe, expect, test } from 'vitest';
import { owed, type Ties } from '../../../client-sim/src/books/prizes.ts';
import { standingsHash } from '../../../client-sim/src/books/standings-hash.ts';

const bands = [
  { from: 1, to: 1, amountMinor: 100 },
  { from: 2, to: 3, amountMinor: 51 },
];
const standing = (scores: number[]) => scores.map((score, i) => ({ player: `p${i + 1}`, score }));
const amounts = (ties: Ties, scores: number[]) =>
  owed(bands, ties, standing(scores)).map(({ amountMinor }) => amountMinor);

describe('the money of the books', () => {
  test.each<[Ties, number[], number[]]>([
    ['first', [9, 9, 9, 9], [100, 51, 51]],
    ['share', [9, 9, 8, 8], [100, 100, 51, 51]],
    ['share', [9, 8, 8, 8], [100, 51, 51, 51]],
    ['split', [9, 9, 8, 8], [76, 75, 26, 25]],
    ['split', [9, 8, 7, 6], [100, 51, 51]],
    ['first', [], []],
  ])('[SIM7] %s over %j pays %j', (ties, scores, expected) => {
    expect(amounts(ties, scores)).toEqual(expected);
  });

  test('[SIM7] the hash is of one line per place', () => {
    const rows = [
      { rank: 1, player: 'ann', score: 7, achievedAt: 1_000 },
      { rank: 2, player: 'bob', score: -3, achievedAt: 999 },
    ];
    // printf '1\tann\t7\t1000\n2\tbob\t-3\t999\n' | sha256sum
    expect(standingsHash(rows)).toBe('74a7d1242708650f4512aac02b080100e72bae2b1981be5525719d09a89c0137');
  });
});
