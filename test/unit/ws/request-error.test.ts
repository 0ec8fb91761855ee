import type { Fault } from '@photofinish/shared/protocol/errors';
import { requestSchemas } from '@photofinish/shared/protocol/requests';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { FIELD_LIMITS, notJson, readRequest } from '../../../server/src/ws/request-error.ts';

/** The fault that a document gets, as one of its own text lines. */
function faultOf(document: unknown): { id: unknown; fault: Fault } {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const reading = readRequest(JSON.parse(text));
  if ('request' in reading) throw new Error(`taken: ${text}`);
  return reading;
}

const tick = { type: 'tick', id: 7, match: 'm1', player: 'ann', score: 5 };
const { score: _, ...noScore } = tick;

const CASES: [title: string, document: unknown, field: string, message: RegExp][] = [
  ['a number', '5', 'document', /is 5/],
  ['a list', '[]', 'document', /a list/],
  ['null', 'null', 'document', /null/],
  ['a missing type', { id: 7 }, 'type', /missing.*match\.start/],
  ['a type that is no string', { type: 5, id: 7 }, 'type', /is 5/],
  ['a missing id', { type: 'ping' }, 'id', /missing.*2?from 0 to 9007199254740991/],
  ['an id with a space', { type: 'ping', id: 'a b' }, 'id', /"a b"/],
  ['a negative id', { type: 'ping', id: -1 }, 'id', /-1/],
  ['a fractional id', { type: 'ping', id: 1.5 }, 'id', /fraction/],
  ['an id that is an object', { type: 'ping', id: {} }, 'id', /object/],
  ['a score past 2^53 - 1', { ...tick, score: 2 ** 53 }, 'score', /past 2\^53 - 1/],
  ['a negative score past 2^53 - 1', { ...tick, score: -(2 ** 53) }, 'score', /past 2\^53 - 1/],
  [
    'a score that overflows to Infinity',
    `{"type":"tick","id":7,"match":"m1","score":1e999}`,
    'score',
    /too large.*Infinity/,
  ],
  ['a fraction', { ...tick, score: 1.5 }, 'score', /the fraction 1\.5.*whole number/],
  ['a string for a score', { ...tick, score: '5' }, 'score', /the string "5".*whole number/],
  ['null for a score', { ...tick, score: null }, 'score', /null/],
  ['no score and no delta', noScore, 'score', /exactly one of score and delta/],
  ['score and delta', { ...tick, delta: 1, seq: 1 }, 'score', /exactly one/],
  ['a delta without a seq', { ...noScore, delta: 1 }, 'seq', /needs a seq/],
  ['match and board', { ...tick, board: 'b' }, 'match', /exactly one/],
  ['seq 0', { ...tick, seq: 0 }, 'seq', /is 0.*from 1/],
  ['an id with other characters', { ...tick, player: 'ann!' }, 'player', /"ann!".*A-Z/],
  ['an id past 64 characters', { ...tick, player: 'a'.repeat(65) }, 'player', /65 characters.*1 to 64/],
  ['an unknown field', { ...tick, scroe: 5 }, 'scroe', /no field "scroe"/],
  [
    'a field named __proto__',
    '{"type":"ping","id":7,"__proto__":{"x":1}}',
    '__proto__',
    /no field "__proto__"/,
  ],
  [
    'a wrong item',
    {
      type: 'ticks',
      id: 7,
      match: 'm1',
      ticks: [
        { player: 'a', score: 1 },
        { player: 'b', score: 0.1 },
      ],
    },
    'ticks.1.score',
    /fraction/,
  ],
  ['an item that is no object', { type: 'ticks', id: 7, match: 'm1', ticks: [5] }, 'ticks.0', /is 5.*object/],
  [
    'an item with an unknown field',
    { type: 'ticks', id: 7, match: 'm1', ticks: [{ player: 'a', score: 1, rank: 1 }] },
    'ticks.0.rank',
    /no field "rank"/,
  ],
  ['an empty list', { type: 'ticks', id: 7, match: 'm1', ticks: [] }, 'ticks', /a list of 0.*1 to 1000/],
  [
    'too long a list',
    { type: 'ticks', id: 7, match: 'm1', ticks: new Array(1_001).fill({ player: 'a', score: 1 }) },
    'ticks',
    /a list of 1001.*1 to 1000/,
  ],
  ['a wrong player in a list', { type: 'rank', id: 7, board: 'b', players: ['a', ''] }, 'players.1', /""/],
  [
    'a column that is no score',
    { ...tick, columns: { laps: 0.5 } },
    'columns.laps',
    /fraction 0.5; send a whole number/,
  ],
  [
    'more columns than any board has',
    { ...tick, columns: { a: 1, b: 1, c: 1, d: 1 } },
    'columns',
    /up to 3|at most 3/,
  ],
  ['metadata that is a list', { ...tick, metadata: [] }, 'metadata', /a list.*JSON object/],
  [
    'a limit past the bound',
    { type: 'subscribe', id: 7, board: 'b', limit: 201 },
    'limit',
    /201.*from 1 to 200$/,
  ],
  [
    'more players than a subscription takes',
    { type: 'subscribe', id: 7, board: 'b', view: 'players', players: new Array(201).fill('a') },
    'players',
    /a list of 201.*1 to 200/,
  ],
  ['a view that is not known', { type: 'subscribe', id: 7, board: 'b', view: 'all' }, 'view', /"all".*"top"/],
  ['a lone surrogate', '{"type":"tick","id":7,"match":"\\ud800","score":1}', 'match', /\\ud800/],
];

test.each(CASES)(
  '[WE1] %s is answered with its field, its limit and the fix',
  (_title, document, field, message) => {
    const { fault } = faultOf(document);
    expect(fault.code).toBe('INVALID_REQUEST');
    expect(fault.message).toMatch(message);
    expect(fault.message.startsWith(`${field}: `), fault.message).toBe(true);
    expect(fault.detail.field).toBe(field);
    expect(fault.detail.limit).toMatch(/\w/);
    expect(fault.detail.fix).toMatch(/\w/);
  },
);

test('[WE1] the fix of a rule that spans fields says what to send', () => {
  const { fault } = faultOf({ ...noScore, delta: 1 });
  expect(fault.detail).toEqual({
    ...{ field: 'seq', fix: 'send a seq' },
    limit: 'a delta needs a seq, so that a resend cannot count twice',
  });
});

test('[WE1] an unknown type is answered with the known ones', () => {
  for (const type of ['tock', '__proto__', 'constructor', 'x'.repeat(1_000)]) {
    const { id, fault } = faultOf({ type, id: 7 });
    expect(id).toBe(7);
    expect(fault.code).toBe('UNKNOWN_TYPE');
    for (const known of Object.keys(requestSchemas)) expect(fault.detail.limit).toContain(known);
  }
});

test('[WE2] an error carries the id of its request where that has a valid one, and null otherwise', () => {
  expect(faultOf({ ...tick, score: 'x' }).id).toBe(7);
  expect(faultOf({ ...tick, id: 'abc', score: 'x' }).id).toBe('abc');
  expect(faultOf({ ...tick, id: 'a b' }).id).toBeNull();
  expect(faultOf('{"type":"x","__proto__":{"id":7}}').id).toBeNull();
});

test('[WE1] NaN and Infinity are not JSON, and the error says so', () => {
  expect(notJson('{"score":NaN}')).toMatchObject({
    code: 'INVALID_JSON',
    detail: { fix: expect.stringMatching(/NaN is not JSON/) },
  });
  expect(notJson('{"score":-Infinity}').message).toMatch(/Infinity is not JSON/);
  expect(notJson('{').detail).toMatchObject({
    field: 'document',
    limit: expect.any(String),
    fix: expect.any(String),
  });
});

test('[WE1] every field of every request has its limit in words', () => {
  const names = new Set<string>();
  const walk = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const { properties } = schema as { properties?: Record<string, unknown> };
    for (const name of Object.keys(properties ?? {})) names.add(name);
    for (const part of Object.values(schema)) walk(part);
  };
  for (const schema of Object.values(requestSchemas)) walk(z.toJSONSchema(schema, { io: 'input' }));
  expect([...names].sort()).toEqual(Object.keys(FIELD_LIMITS).sort());
});

test('[WE3] whatever JSON comes, the answer is a request or a fault of bounded length', () => {
  const type = fc.constantFrom(...Object.keys(requestSchemas));
  const wild = fc.oneof(
    fc.jsonValue(),
    fc
      .tuple(
        type,
        fc.dictionary(fc.constantFrom(...Object.keys(FIELD_LIMITS), '__proto__', 'x'), fc.jsonValue()),
      )
      .map(([name, rest]) => ({ id: 1, ...rest, type: name })),
  );
  fc.assert(
    fc.property(wild, (value) => {
      const reading = readRequest(JSON.parse(JSON.stringify(value)));
      if ('request' in reading) return;
      expect(reading.fault.detail.field?.length).toBeLessThan(120);
      expect(reading.fault.message.length).toBeLessThan(600);
    }),
    { numRuns: 1_000 },
  );
});

test('[WE3] nesting 100,000 deep does no harm', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect(faultOf(`{"type":"ping","id":1,"x":${deep}}`).fault.detail.field).toBe('x');
  expect(faultOf(deep).fault.detail.field).toBe('document');
});
