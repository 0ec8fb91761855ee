import { STAMP_MAX } from '@photofinish/shared/domain/order';
import { SCORE_MAX, SCORE_MIN } from '@photofinish/shared/domain/score';
import { Fault } from '@photofinish/shared/protocol/errors';
import { cursorSchema } from '@photofinish/shared/protocol/reads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cursor, cursorOf, cursorText } from '../../../server/src/board/cursor.ts';

const id = fc
  .array(fc.constantFrom(...'aZ09._~-'), { minLength: 1, maxLength: 64 })
  .map((parts) => parts.join(''));
const cursor: fc.Arbitrary<Cursor> = fc.record(
  {
    season: id,
    bucket: fc.stringMatching(/^[a-z.]{0,9}[1-9]$/),
    side: fc.constantFrom('after' as const, 'before' as const),
    key: fc.record({
      score: fc.integer({ min: SCORE_MIN, max: SCORE_MAX }),
      achievedAt: fc.integer({ min: 0, max: STAMP_MAX }),
      player: id,
    }),
  },
  { requiredKeys: ['season', 'side', 'key'] },
);
const encoded = (fields: unknown): string => Buffer.from(JSON.stringify(fields)).toString('base64url');

function codeOf(text: string): string | undefined {
  try {
    cursorOf(text);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

describe('cursors', () => {
  it('[RD6] say what they were made of, and are taken by the schema', () => {
    fc.assert(
      fc.property(cursor, (given) => {
        const text = cursorText(given);
        expect(cursorOf(text)).toEqual(given);
        expect(cursorSchema.safeParse(text).success).toBe(true);
      }),
    );
  });

  it.each([
    ['text', 'abc'],
    ['JSON that is no list', encoded({ season: 's' })],
    ['another layout', encoded([2, 's', '', 1, 1, '', 1, 'p'])],
    ['too little', encoded([1, 's', '', 1, 1, '', 1])],
    ['a season that is no id', encoded([1, 's s', '', 1, 1, '', 1, 'p'])],
    ['no side', encoded([1, 's', '', 2, 1, '', 1, 'p'])],
    ['a score past the range', encoded([1, 's', '', 1, 2 ** 53, '', 1, 'p'])],
    ['a score that is text', encoded([1, 's', '', 1, '1', '', 1, 'p'])],
    ['a time that no entry has', encoded([1, 's', '', 1, 1, '', STAMP_MAX + 1, 'p'])],
    ['a time before all times', encoded([1, 's', '', 1, 1, '', -1, 'p'])],
    ['columns that are none', encoded([1, 's', '', 1, 1, '\0', 1, 'p'])],
    ['a bucket that is none', encoded([1, 's', 'a b', 1, 1, '', 1, 'p'])],
    ['a player that is no id', encoded([1, 's', '', 1, 1, '', 1, '{p}'])],
  ])('[RD7] %s is no cursor', (_, text) => {
    expect(codeOf(text)).toBe('CURSOR_INVALID');
  });

  it('[RD7] no text whatever fails in another way', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.jsonValue().map(encoded)), (text) => {
        expect(codeOf(text)).toBe('CURSOR_INVALID');
      }),
    );
  });
});
