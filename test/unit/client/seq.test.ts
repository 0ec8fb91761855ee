import { SeqSource } from '@photofinish/shared/client/seq';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('seq', () => {
  test('[SDK7] seq numbers grow whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4_000_000_000_000 }), { minLength: 2 }), (clocks) => {
        let at = 0;
        const seq = new SeqSource(() => clocks[at] ?? 0);
        let last = 0;
        for (at = 0; at < clocks.length; at++) {
          const next = seq.next();
          expect(next).toBeGreaterThan(last);
          expect(Number.isSafeInteger(next)).toBe(true);
          last = next;
        }
      }),
    );
  });

  test('[SDK7] a restarted writer goes on past what it gave before', () => {
    const before = new SeqSource(() => 1_700_000_000_000);
    let last = 0;
    for (let i = 0; i < 900; i++) last = before.next();
    const after = new SeqSource(() => 1_700_000_000_001);
    expect(after.next()).toBeGreaterThan(last);
  });
});
