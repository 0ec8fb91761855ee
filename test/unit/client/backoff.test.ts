import { backoffMs } from '@photofinish/shared/client/backoff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('backoff', () => {
  test('[SDK2] a wait is below the base at first, and never at or above the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        fc.nat({ max: 2_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (baseMs, capMs, attempt, chance) => {
          const wait = backoffMs({ baseMs, capMs }, attempt, () => chance);
          expect(Number.isInteger(wait)).toBe(true);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThan(Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
        },
      ),
    );
  });

  test('[SDK2] the bound doubles with each attempt and jitter covers all of it', () => {
    const rules = { baseMs: 100, capMs: 1_000 };
    const bounds = [0, 1, 2, 3, 4, 50].map((attempt) => backoffMs(rules, attempt, () => 0.999_999));
    expect(bounds).toEqual([99, 199, 399, 799, 999, 999]);
    expect(backoffMs(rules, 3, () => 0)).toBe(0);
  });
});
