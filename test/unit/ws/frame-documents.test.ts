import { Fault } from '@photofinish/shared/protocol/errors';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import { expect, test } from 'vitest';
import { documentsOf } from '../../../server/src/ws/frame-documents.ts';

const MAX = LIMITS.documentsPerFrameMax;
const lines = (count: number, separator = '\n') => new Array(count).fill('{}').join(separator);
const codeOf = (result: readonly string[] | Fault) => (result instanceof Fault ? result.code : result.length);

test('[WR3] documents are the lines of a frame; empty lines are passed over', () => {
  expect(documentsOf('{"a":1}')).toEqual(['{"a":1}']);
  expect(documentsOf('{"a":1}\n\n{"b":2}\n')).toEqual(['{"a":1}', '{"b":2}']);
  expect(documentsOf('{"a":1}\r\n\r\n{"b":2}\r\n')).toEqual(['{"a":1}\r', '{"b":2}\r']);
});

test('[WE6] a frame takes as many documents as the limit, and not one more', () => {
  expect(codeOf(documentsOf(lines(MAX)))).toBe(MAX);
  expect(codeOf(documentsOf(`${lines(MAX)}\n`))).toBe(MAX);
  expect(codeOf(documentsOf(lines(MAX + 1)))).toBe('TOO_MANY_DOCUMENTS');
  expect(codeOf(documentsOf(lines(100_000)))).toBe('TOO_MANY_DOCUMENTS');
  expect(codeOf(documentsOf('\n'.repeat(100_000)))).toBe('TOO_MANY_DOCUMENTS');
});

test('[WE1] a frame without a document is an error, not silence', () => {
  expect(codeOf(documentsOf(''))).toBe('INVALID_JSON');
  expect(codeOf(documentsOf('\n\n'))).toBe('INVALID_JSON');
});
