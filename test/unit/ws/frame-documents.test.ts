import { Fault } from '@photofinish/shared/protocol/errors';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import { expect, test } from 'vitest';
import { documentsOf } from '../../../server/src/ws/frame-documents.ts';

const MAX = LIMITS.documentsPerFrameMax;
const lines = (count: number, separator = '\n') => new Array(count).fill('{}').join(separator);
/** Documents, or a fault, as they come behind others. */
function read(frame: string): (string | Fault)[] {
  const inbox: (string | Fault)[] = ['before'];
  documentsOf(frame, inbox);
  expect(inbox.shift()).toBe('before');
  return inbox;
}
const codeOf = (read: (string | Fault)[]) => (read[0] instanceof Fault ? read[0].code : read.length);

test('[WR3] documents are the lines of a frame; empty lines are passed over', () => {
  expect(read('{"a":1}')).toEqual(['{"a":1}']);
  expect(read('{"a":1}\n\n{"b":2}\n')).toEqual(['{"a":1}', '{"b":2}']);
  expect(read('{"a":1}\r\n\r\n{"b":2}\r\n')).toEqual(['{"a":1}\r', '{"b":2}\r']);
});

test('[WE6] a frame takes as many documents as the limit, and not one more', () => {
  expect(codeOf(read(lines(MAX)))).toBe(MAX);
  expect(codeOf(read(`${lines(MAX)}\n`))).toBe(MAX);
  expect(codeOf(read(lines(MAX + 1)))).toBe('TOO_MANY_DOCUMENTS');
  expect(codeOf(read(lines(100_000)))).toBe('TOO_MANY_DOCUMENTS');
  expect(codeOf(read('\n'.repeat(100_000)))).toBe('TOO_MANY_DOCUMENTS');
  expect(codeOf(read(lines(MAX, '\n\n')))).toBe(MAX);
  expect(codeOf(read(`${lines(MAX, '\n\n')}\n\n`))).toBe(MAX);
  expect(codeOf(read(`${lines(MAX, '\n\n')}\n\n\n`))).toBe('TOO_MANY_DOCUMENTS');
});

test('[WE1] a frame without a document is an error, not silence', () => {
  expect(codeOf(read(''))).toBe('INVALID_JSON');
  expect(codeOf(read('\n\n'))).toBe('INVALID_JSON');
});
