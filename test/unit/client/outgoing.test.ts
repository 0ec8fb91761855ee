import { framesOf, isTooBig } from '@photofinish/shared/client/outgoing';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('outgoing frames', () => {
  test('[SDK11] documents keep their order and fit the limits of a frame', () => {
    const text = fc.integer({ min: 1, max: 70_000 }).map((length) => 'x'.repeat(length));
    const documents = fc.oneof(
      fc.array(text, { maxLength: 20 }),
      fc.array(fc.constant('{"type":"ping","id":1}'), { maxLength: 1_000 }),
    );
    fc.assert(
      fc.property(documents, (all) => {
        const frames = framesOf(all);
        expect(frames.flatMap((frame) => frame.split('\n'))).toEqual(all);
        for (const frame of frames) {
          expect(frame.split('\n').length).toBeLessThanOrEqual(LIMITS.documentsPerFrameMax);
          expect(frame.length).toBeLessThanOrEqual(LIMITS.frameBytesMax);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('[SDK11] bytes count, not characters', () => {
    expect(isTooBig('x'.repeat(LIMITS.frameBytesMax))).toBe(false);
    expect(isTooBig('x'.repeat(LIMITS.frameBytesMax + 1))).toBe(true);
    expect(isTooBig('€'.repeat(LIMITS.frameBytesMax / 2))).toBe(true);
  });
});
