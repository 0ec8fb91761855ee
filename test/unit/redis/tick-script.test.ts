import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TickWrite } from '../../../server/src/board/live-board.ts';
import { PackedTicks, packTicks, tickArgs } from '../../../server/src/redis/tick-script.ts';

const id = fc.stringMatching(/^[A-Za-z0-9._~-]{1,64}$/);
const amount = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const anyTick = fc
  .record({
    player: id,
    isOwn: fc.boolean(),
    writer: id,
    matchKey: fc.constantFrom('', '0001abc'),
    isDelta: fc.boolean(),
    amount,
    seq: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { nil: undefined }),
    at: fc.constantFrom(1_700_000_000_000, 1_700_000_000_001),
  })
  .map(({ isOwn, isDelta, amount, ...tick }): TickWrite => {
    const told = amount + 0;
    const writer = isOwn ? tick.player : tick.writer;
    return { ...tick, writer, score: isDelta ? undefined : told, delta: isDelta ? told : undefined };
  });

it('[TK5] ticks that were packed for a call are read from it as they were', () => {
  fc.assert(
    fc.property(fc.array(anyTick, { maxLength: 50 }), (ticks) => {
      const packed = new PackedTicks(ticks.length, packTicks(ticks), tickArgs(ticks, false));
      expect(packed.unpack()).toEqual(ticks);
    }),
  );
});
