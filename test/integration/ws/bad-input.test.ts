import { errorReplySchema } from '@photofinish/shared/protocol/replies';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../support/condition.ts';
import { type Edge, openEdge } from './edge.ts';

let edge: Edge;
afterEach(() => edge.close());

const tick = { type: 'tick', id: 1, match: 'm1', player: 'ann', score: 5 };
const text = expect.any(String);

const BAD: [title: string, sent: object | string, expected: object][] = [
  ['not JSON', '{"type":', { id: null, code: 'INVALID_JSON', field: 'document', limit: text, fix: text }],
  [
    'NaN',
    '{"type":"tick","id":1,"match":"m1","score":NaN}',
    { id: null, code: 'INVALID_JSON', fix: expect.stringMatching(/NaN/) },
  ],
  [
    'Infinity',
    '{"type":"tick","id":1,"match":"m1","score":-Infinity}',
    { id: null, code: 'INVALID_JSON', fix: expect.stringMatching(/Infinity/) },
  ],
  [
    'an overflowing number',
    '{"type":"tick","id":1,"match":"m1","player":"ann","score":1e400}',
    { id: 1, field: 'score', message: expect.stringMatching(/Infinity/) },
  ],
  ['a list', '[1,2]', { id: null, code: 'INVALID_REQUEST', field: 'document' }],
  ['a string', '"tick"', { id: null, code: 'INVALID_REQUEST', field: 'document' }],
  [
    'an unknown type',
    { type: 'tock', id: 9 },
    { id: 9, code: 'UNKNOWN_TYPE', field: 'type', limit: expect.stringMatching(/match\.start/) },
  ],
  ['a missing id', { type: 'ping' }, { id: null, code: 'INVALID_REQUEST', field: 'id', limit: text }],
  [
    'a foreign id',
    { type: 'ping', id: { of: 'another' } },
    { id: null, code: 'INVALID_REQUEST', field: 'id' },
  ],
  ['a fraction', { ...tick, score: 1.5 }, { id: 1, field: 'score', limit: text, fix: text }],
  [
    'a string for a score',
    { ...tick, score: '5' },
    { id: 1, field: 'score', message: expect.stringMatching(/string/) },
  ],
  [
    'a score past 2^53 - 1',
    { ...tick, score: 2 ** 53 },
    { id: 1, field: 'score', message: expect.stringMatching(/2\^53 - 1/) },
  ],
  [
    'a score outside the board',
    { ...tick, score: -1 },
    { id: 1, code: 'SCORE_OUT_OF_RANGE', field: 'score', limit: '0 to 1000000', fix: text },
  ],
  [
    'an id with other characters',
    { ...tick, player: 'ann{x}' },
    { id: 1, field: 'player', limit: expect.stringMatching(/A-Z/) },
  ],
  [
    'an id too long',
    { ...tick, match: 'm'.repeat(65) },
    { id: 1, field: 'match', limit: expect.stringMatching(/64/) },
  ],
  ['an unknown match', { ...tick, match: 'm2' }, { id: 1, code: 'MATCH_NOT_FOUND', field: 'match' }],
  [
    'an unknown board',
    { type: 'top', id: 1, board: 'nowhere' },
    { id: 1, code: 'BOARD_NOT_FOUND', field: 'board' },
  ],
  [
    'an unknown board to subscribe to',
    { type: 'subscribe', id: 1, board: 'nowhere' },
    { id: 1, code: 'BOARD_NOT_FOUND' },
  ],
  [
    'an unknown player',
    { type: 'around', id: 1, board: 'arena', player: 'nobody' },
    { id: 1, code: 'PLAYER_NOT_FOUND' },
  ],
  [
    'no player from a server',
    { type: 'rank', id: 1, board: 'arena' },
    { id: 1, code: 'INVALID_REQUEST', field: 'players', fix: text },
  ],
  [
    'an unknown subscription',
    { type: 'unsubscribe', id: 1, subscription: 5 },
    { id: 1, code: 'NOT_FOUND', field: 'subscription', fix: text },
  ],
  [
    'one wrong item',
    {
      type: 'ticks',
      id: 1,
      match: 'm1',
      ticks: [
        { player: 'ann', score: 1 },
        { player: 'bob', score: 0.5 },
      ],
    },
    { id: 1, field: 'ticks.1.score' },
  ],
  [
    'a __proto__ key',
    '{"type":"tick","id":1,"match":"m1","player":"ann","score":1,"__proto__":{"player":"bob"}}',
    { id: 1, field: '__proto__' },
  ],
  [
    'nesting 100,000 deep',
    `{"type":"ping","id":1,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    { id: 1, field: 'x' },
  ],
  [
    'a string of 200,000 characters',
    { ...tick, player: 'a'.repeat(200_000) },
    { id: 1, field: 'player', message: expect.stringMatching(/200000 characters/) },
  ],
  ['a lone surrogate', '{"type":"ping","id":"\\ud800"}', { id: null, field: 'id' }],
];

test('[WE1] every bad document is answered by field, limit and fix, the connection goes on, and nothing is done', async () => {
  edge = await openEdge();
  const client = await edge.connect();
  for (const [title, sent, expected] of BAD) {
    const reply = await client.ask(sent);
    expect(reply, title).toMatchObject({ type: 'error', retryable: false, message: text, ...expected });
    expect(errorReplySchema.parse(reply), title).toEqual(reply);
  }
  expect(edge.core.applied).toEqual([]);
  expect(await client.ask({ type: 'ping', id: 'still-here' })).toMatchObject({
    type: 'ok',
    id: 'still-here',
  });
  expect(edge.logged.filter(({ level }) => level !== 'debug')).toEqual([]);
});

test('[WE1] a binary frame is answered with an error in its turn, and the connection goes on', async () => {
  edge = await openEdge();
  const client = await edge.connect();
  client.send({ type: 'top', id: 1, board: 'arena' });
  client.socket.send(Buffer.from('{"type":"ping","id":2}'));
  client.send({ type: 'ping', id: 3 });
  expect(await client.replyCount(3)).toMatchObject([
    { type: 'ok', id: 1 },
    {
      type: 'error',
      id: null,
      code: 'INVALID_REQUEST',
      field: 'frame',
      limit: 'text frames only',
      fix: text,
    },
    { type: 'ok', id: 3 },
  ]);
});

test('[WE6] of a frame with too many documents none is run', async () => {
  edge = await openEdge();
  const client = await edge.connect();
  client.send(...new Array(257).fill(tick));
  client.send({ type: 'ping', id: 2 });
  expect(await client.replyCount(2)).toMatchObject([
    {
      type: 'error',
      id: null,
      code: 'TOO_MANY_DOCUMENTS',
      field: 'frame',
      limit: '256 documents per frame',
      fix: text,
    },
    { type: 'ok', id: 2 },
  ]);
  expect(edge.core.applied).toEqual([]);
  client.send(...new Array(256).fill(tick));
  await client.replyCount(258);
  expect(edge.core.applied).toHaveLength(256);
});

test('[WE8] a frame past the size limit closes with 1009 and says the limit', async () => {
  edge = await openEdge();
  const client = await edge.connect();
  const largest = `{"type":"ping","id":1,"x":"${'x'.repeat(262_144 - 29)}"}`;
  expect(largest).toHaveLength(262_144);
  expect(await client.ask(largest)).toMatchObject({ id: 1, field: 'x' });
  client.socket.send(`${largest} `);
  const ended = await client.ended();
  expect(ended).toMatchObject({ code: 1009, reason: expect.stringMatching(/262144 bytes; send smaller/) });
  expect(edge.seen.closed).toEqual([1009]);
});

test('[WE3] broken UTF-8 and broken frames close the connection and harm no other', async () => {
  edge = await openEdge();
  const [good, utf8, frame] = [await edge.connect(), await edge.connect(), await edge.connect()];
  utf8.socket.send(Buffer.from([0x7b, 0xff, 0xfe]), { binary: false });
  expect((await utf8.ended()).code).toBe(1007);
  // @ts-expect-error: the raw socket, to send what no client library would.
  frame.socket._socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  expect((await frame.ended()).code).toBe(1002);
  expect(await good.ask({ type: 'ping', id: 1 })).toMatchObject({ type: 'ok' });
});

test('[WE5] a flood gets RATE_LIMITED with a time to wait, in order, and goes on afterwards', async () => {
  edge = await openEdge({ requestsPerSecondMax: 20 });
  const client = await edge.connect();
  for (let id = 0; id < 35; id++) client.send({ type: 'ping', id });
  const replies = await client.replyCount(35);
  expect(replies.map(({ id }) => id)).toEqual(Array.from({ length: 35 }, (_, id) => id));
  const refused = replies.filter(({ type }) => type === 'error');
  expect(refused.length).toBeGreaterThanOrEqual(10);
  for (const reply of refused) {
    expect(reply).toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      limit: expect.stringMatching(/20 requests/),
      fix: text,
    });
    expect(reply['retryAfterMs']).toBeGreaterThanOrEqual(50);
  }
  await until('tokens to come back', async () => (await client.ask({ type: 'ping', id: 99 })).type === 'ok');
});

test('[WE5] whoever goes on flooding is not read for a while', async () => {
  edge = await openEdge({ requestsPerSecondMax: 10 });
  const client = await edge.connect();
  const startedAt = performance.now();
  for (let i = 0; i < 6; i++) client.send(...new Array(10).fill('x'));
  await client.replyCount(60);
  expect(performance.now() - startedAt).toBeGreaterThan(1_500);
  expect(edge.seen.failed.filter((code) => code === 'RATE_LIMITED').length).toBeLessThanOrEqual(40);
});

test('[WE7] what nobody expected is answered INTERNAL, logged once, and shows nothing', async () => {
  edge = await openEdge();
  const client = await edge.connect('player.ann');
  edge.core.broken = { read: new Error('password=hunter2'), target: new TypeError('hunter2 is undefined') };
  const requests = [
    { type: 'top', id: 1, board: 'arena' },
    { type: 'subscribe', id: 2, board: 'arena' },
    { type: 'tick', id: 3, match: 'm1', score: 1 },
    { type: 'ticks', id: 4, match: 'm1', ticks: [{ player: 'ann', score: 1 }] },
  ];
  for (const request of requests) {
    const reply = await client.ask(request);
    expect(reply).toMatchObject({
      type: 'error',
      id: request.id,
      code: 'INTERNAL',
      retryable: true,
      fix: text,
    });
    expect(JSON.stringify(reply)).not.toContain('hunter2');
  }
  expect(edge.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
  edge.core.broken = {};
  expect(await client.ask({ type: 'tick', id: 5, match: 'm1', score: 1 })).toMatchObject({
    type: 'ok',
    id: 5,
  });
});
