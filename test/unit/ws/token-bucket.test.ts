import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from '../../../server/src/ws/token-bucket.ts';

test('[WE5] no span of time lets more through than its rate and one burst', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }),
      (rate, gaps) => {
        const bucket = new TokenBucket(rate, 0);
        let now = 0;
        let taken = 0;
        for (const gap of gaps) {
          now += gap;
          if (bucket.take(now)) taken++;
        }
        expect(taken).toBeLessThanOrEqual(rate + (now * rate) / 1_000 + 1e-6);
      },
    ),
  );
});

test('[WE5] after the wait that it names there is a token', () => {
  const bucket = new TokenBucket(3, 0);
  for (let i = 0; i < 3; i++) expect(bucket.take(0)).toBe(true);
  expect(bucket.take(0)).toBe(false);
  const { waitMs } = bucket;
  expect(bucket.take(waitMs - 1)).toBe(false);
  expect(bucket.take(waitMs + 1)).toBe(true);
});

test('[WE5] a clock that steps back neither refills nor locks', () => {
  const bucket = new TokenBucket(1, 10_000);
  expect(bucket.take(10_000)).toBe(true);
  expect(bucket.take(5_000)).toBe(false);
  expect(bucket.take(6_000)).toBe(true);
});
