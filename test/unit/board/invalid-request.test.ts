import { boardSchema } from '@photofinish/shared/domain/board';
import { describe, expect, it } from 'vitest';
import { invalidRequest } from '../../../server/src/board/invalid-request.ts';

const faultOf = (board: unknown) => {
  const parsed = boardSchema.safeParse(board);
  if (parsed.success) throw new Error('the board was taken');
  return invalidRequest(parsed.error, 'body');
};

describe('a board that is wrong', () => {
  it.each([
    [null, 'body', 'an object'],
    [{ title: 'x' }, 'id', 'text'],
    [{ id: 'a b', title: 'x' }, 'id', '1 to 64 characters out of A-Z a-z 0-9 . _ ~ -'],
    [{ id: 'a', title: '' }, 'title', 'at least 1 characters'],
    [{ id: 'a', title: 'x'.repeat(201) }, 'title', 'at most 200 characters'],
    [{ id: 'a', title: 'x', operator: 'max' }, 'operator', 'one of "best", "latest", "sum"'],
    [
      { id: 'a', title: 'x', scoreMin: 0.5 },
      'scoreMin',
      'a whole number from -9007199254740991 to 9007199254740991',
    ],
    [{ id: 'a', title: 'x', flush: { batchSize: 0 } }, 'flush.batchSize', 'at least 1'],
    [{ id: 'a', title: 'x', flush: { batch: 1 } }, 'flush.batch', 'known names only'],
    [
      { id: 'a', title: 'x', prizes: { currency: 'euro' } },
      'prizes.currency',
      'text of the form /^[A-Z0-9]{2,10}$/',
    ],
    [{ id: 'a', title: 'x', scoreMin: 2, scoreMax: 1 }, 'scoreMin', 'scoreMin must not be past scoreMax'],
    [{ id: 'a', title: 'x', metadata: { key: 1 } }, 'metadata.key', 'text'],
  ])('[HT2] %j names the field %s and the limit: %s', (board, field, limit) => {
    const { code, message, detail } = faultOf(board);
    expect({ code, ...detail }).toEqual({
      code: 'INVALID_REQUEST',
      field,
      limit,
      fix: expect.stringContaining(field),
    });
    expect(message.startsWith(`${field}: `)).toBe(true);
  });

  it('[HT2] tells a few problems at once and counts the rest', () => {
    const { message } = faultOf({
      id: 1,
      title: 1,
      kind: 1,
      sortOrder: 1,
      operator: 1,
      scoreMin: 'a',
      scoreMax: 'b',
    });
    expect(message).toMatch(/^id: must be text; title: .*; and 2 more$/);
  });
});
