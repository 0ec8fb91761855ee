import {
  addColumns,
  COLUMN_WIDTH,
  type Column,
  columnsKeyOf,
  columnsOf,
} from '@photofinish/shared/domain/columns';
import { SCORE_MAX } from '@photofinish/shared/domain/score';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** The ends of the range, both sides of where a number is cut in two, and anything between. */
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 2 ** 24, 2 ** 24 - 1, -(2 ** 24), SCORE_MAX, SCORE_MAX - 1, -SCORE_MAX),
  fc.integer({ min: -3, max: 3 }),
  fc.maxSafeInteger(),
);
const columns: fc.Arbitrary<Column[]> = fc
  .array(fc.constantFrom('desc' as const, 'asc' as const), { minLength: 1, maxLength: 3 })
  .map((orders) => orders.map((sortOrder, i) => ({ id: `c${i}`, sortOrder })));
const valuesOf = (of: readonly Column[], numbers: readonly number[]) =>
  Object.fromEntries(of.map(({ id }, i) => [id, numbers[i] ?? 0]));
const three = fc.tuple(number, number, number);

/** Written from the rule: the first column that differs decides, in its own direction. */
function compare(of: readonly Column[], a: readonly number[], b: readonly number[]): number {
  for (const [i, { sortOrder }] of of.entries()) {
    const [left = 0, right = 0] = [a[i], b[i]];
    if (left !== right) return left < right === (sortOrder === 'asc') ? -1 : 1;
  }
  return 0;
}

describe('the key of columns', () => {
  test('[EN5] its byte order is better first, in every mix of directions, up to the ends of the range', () => {
    fc.assert(
      fc.property(columns, three, three, (of, a, b) => {
        const [left, right] = [columnsKeyOf(of, valuesOf(of, a)), columnsKeyOf(of, valuesOf(of, b))];
        expect(Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)))).toBe(compare(of, a, b));
      }),
      { numRuns: 2_000 },
    );
  });

  test('[EN5] it gives the columns back, and never holds -0', () => {
    fc.assert(
      fc.property(columns, three, (of, numbers) => {
        const key = columnsKeyOf(of, valuesOf(of, numbers));
        expect(key).toHaveLength(of.length * COLUMN_WIDTH);
        const back = columnsOf(of, key);
        for (const [i, { id }] of of.entries()) expect(back[id]).toBe((numbers[i] ?? 0) + 0);
      }),
    );
  });

  test('[EN5] keys add up column by column; a sum past the range is an overflow', () => {
    fc.assert(
      fc.property(columns, three, three, (of, a, b) => {
        const sums = of.map((_, i) => BigInt(a[i] ?? 0) + BigInt(b[i] ?? 0));
        const fits = sums.every((sum) => sum >= -BigInt(SCORE_MAX) && sum <= BigInt(SCORE_MAX));
        expect(addColumns(columnsKeyOf(of, valuesOf(of, a)), columnsKeyOf(of, valuesOf(of, b)))).toBe(
          fits ? columnsKeyOf(of, valuesOf(of, sums.map(Number))) : 'overflow',
        );
      }),
    );
  });

  test('[EN5] a column that is missing, or no safe integer, is refused', () => {
    const of: Column[] = [{ id: 'laps', sortOrder: 'desc' }];
    for (const values of [{}, { laps: 0.5 }, { laps: 2 ** 53 }, { other: 1 }] as Record<string, number>[])
      expect(() => columnsKeyOf(of, values)).toThrow(RangeError);
    expect(columnsKeyOf([], {})).toBe('');
    expect(() => columnsOf(of, '')).toThrow(RangeError);
  });
});
