import { Fault } from '@photofinish/shared/protocol/errors';
import { replySchemas } from '@photofinish/shared/protocol/replies';
import type { RequestType } from '@photofinish/shared/protocol/requests';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../support/condition.ts';
import { type Edge, openEdge } from './edge.ts';

let edge: Edge;
afterEach(() => edge.close());

const REQUESTS: ((i: number) => Record<string, unknown> & { type: RequestType })[] = [
  (i) => ({ type: 'tick', match: 'm1', player: `p${i % 5}`, score: i }),
  (i) => ({ type: 'tick', match: `slow${i}`, player: `p${i % 5}`, score: i }),
  (i) => ({ type: 'ticks', match: 'm1', ticks: [0, 1, 2].map((n) => ({ player: `q${n}`, score: i })) }),
  (i) => ({ type: 'final', match: 'm1', player: `r${i % 5}`, score: i }),
  () => ({ type: 'match.end', match: 'm1', finals: [{ player: 'r0', score: 1 }] }),
  () => ({ type: 'match.start', board: 'arena' }),
  () => ({ type: 'top', board: 'arena', limit: 3 }),
  () => ({ type: 'rank', board: 'arena', players: ['p0', 'p1'] }),
  () => ({ type: 'ping' }),
];

test('[WR1] replies keep request order under random delays of ticks, look-ups, finals and reads', async () => {
  edge = await openEdge();
  const seed = 20_261;
  const plan = fc.sample(fc.tuple(fc.nat(REQUESTS.length - 1), fc.nat(3), fc.boolean()), {
    seed,
    numRuns: 400,
  });
  let random = seed;
  edge.core.wait = () => {
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    return new Promise((resolve) => setTimeout(resolve, random % 4));
  };
  const client = await edge.connect();
  const sent: RequestType[] = [];
  let frame: object[] = [];
  for (const [i, [kind, , flush]] of plan.entries()) {
    const request = REQUESTS[kind]?.(i);
    if (!request) continue;
    sent.push(request.type);
    frame.push({ ...request, id: i });
    if (flush) client.send(...frame.splice(0));
  }
  if (frame.length > 0) client.send(...frame);
  frame = [];
  const replies = await client.replyCount(sent.length);
  expect(replies.map(({ id }) => id)).toEqual(sent.map((_, i) => i));
  for (const [i, type] of sent.entries())
    expect(replySchemas[type].safeParse(replies[i]).success, `${type}: ${JSON.stringify(replies[i])}`).toBe(
      true,
    );
});

test('[WR4] ticks are applied in the order sent, a look-up among them or not', async () => {
  edge = await openEdge();
  const lookUp = edge.core.hold('look-up');
  const client = await edge.connect();
  const matches = ['m1', 'slow', 'm1', 'm1', 'slow', 'm1'];
  client.send(...matches.map((match, i) => ({ type: 'tick', id: i, match, player: 'ann', score: i })));
  await client.replyCount(1);
  expect(lookUp.count).toBe(1);
  expect(edge.core.applied.map(({ score }) => score)).toEqual([0]);
  lookUp.release();
  await client.replyCount(matches.length);
  expect(edge.core.applied.map(({ score }) => score)).toEqual([0, 1, 2, 3, 4, 5]);
});

test('[WR5] a read sees every write sent before it', async () => {
  edge = await openEdge();
  edge.core.wait = (what) => new Promise((resolve) => setTimeout(resolve, what === 'read' ? 0 : 10));
  const client = await edge.connect();
  for (let i = 1; i <= 5; i++)
    client.send(
      { type: 'tick', id: i * 10, match: 'm1', player: 'ann', score: i * 100 },
      { type: 'rank', id: i * 10 + 1, board: 'arena', players: ['ann'] },
      { type: 'final', id: i * 10 + 2, match: 'm1', player: 'bob', score: i * 100 + 1 },
      { type: 'rank', id: i * 10 + 3, board: 'arena', players: ['bob'] },
    );
  const replies = await client.replyCount(20);
  for (let i = 1; i <= 5; i++) {
    expect(replies[i * 4 - 3]).toMatchObject({ entries: [{ player: 'ann', score: i * 100 }] });
    expect(replies[i * 4 - 1]).toMatchObject({ entries: [{ player: 'bob', score: i * 100 + 1 }] });
  }
});

test('[WR5] a final comes after the ticks before it', async () => {
  edge = await openEdge();
  const [ticks, finals] = [edge.core.hold('ticks'), edge.core.hold('final')];
  const [client, other] = [await edge.connect(), await edge.connect()];
  client.send(
    { type: 'tick', id: 1, match: 'm1', player: 'ann', score: 1 },
    { type: 'final', id: 2, match: 'm1', player: 'ann', score: 2 },
    { type: 'final', id: 3, match: 'm1', player: 'bob', score: 2 },
  );
  await until('the tick to be under way', () => ticks.count === 1);
  await other.ask({ type: 'ping', id: 1 });
  expect(finals.count).toBe(0);
  ticks.release();
  // And finals do not wait for each other.
  await until('both finals', () => finals.count === 2);
  finals.release();
  expect(await client.replyCount(3)).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(edge.core.scores.get('ann')).toBe(2);
});

test('[WR2] replies of one turn leave in one frame', async () => {
  edge = await openEdge();
  const client = await edge.connect();
  client.send(
    ...Array.from({ length: 200 }, (_, id) => ({
      type: 'tick',
      id,
      match: 'm1',
      player: `p${id}`,
      score: id,
    })),
  );
  await client.replyCount(200);
  expect(client.frames.length).toBeLessThanOrEqual(2);
});

test('[WR6] ticks are answered once, with a refusal in its place', async () => {
  edge = await openEdge();
  const client = await edge.connect();
  const scores = [1, -5, 3, 2_000_000];
  const ticks = scores.map((score, i) => ({ player: `p${i}`, score }));
  expect(await client.ask({ type: 'ticks', id: 1, match: 'slow', ticks })).toMatchObject({
    type: 'ok',
    ack: 'cache',
    results: [
      { player: 'p0', score: 1 },
      { player: 'p1', error: { code: 'SCORE_OUT_OF_RANGE' } },
      { player: 'p2', score: 3 },
      { player: 'p3', error: { code: 'SCORE_OUT_OF_RANGE' } },
    ],
  });
  const none = await client.ask({ type: 'ticks', id: 2, match: 'm1', ticks: [{ player: 'a', score: -1 }] });
  expect(none).toMatchObject({ type: 'ok', results: [{ error: {} }], epoch: 0, version: 0 });
});

test('[WR6] when the batch fails every tick of it is told so, with what to do', async () => {
  edge = await openEdge();
  edge.core.broken.ticks = new Fault('OUTCOME_UNKNOWN', 'the answer of Redis was lost; send it again');
  const client = await edge.connect();
  client.send(
    { type: 'tick', id: 1, match: 'm1', player: 'ann', score: 1 },
    { type: 'ticks', id: 2, match: 'm1', ticks: [{ player: 'ann', score: 1 }] },
  );
  expect(await client.replyCount(2)).toMatchObject([
    { type: 'error', id: 1, code: 'OUTCOME_UNKNOWN', retryable: true },
    { type: 'ok', id: 2, results: [{ player: 'ann', error: { code: 'OUTCOME_UNKNOWN', retryable: true } }] },
  ]);
});

test('[WR11] a connection that answers no ping is cut; one that does stays', async () => {
  edge = await openEdge({ pingIntervalMs: 100 });
  const quiet = await edge.connect();
  const alive = await edge.connect();
  quiet.socket.pause();
  await until('the quiet one to be cut', () => edge.gateway.sessions === 1);
  let pings = 0;
  alive.socket.on('ping', () => pings++);
  await until('a few pings', () => pings >= 3);
  expect(edge.gateway.sessions).toBe(1);
});
