import { afterEach, expect, test } from 'vitest';
import { until } from '../../support/condition.ts';
import { type Edge, openEdge } from './edge.ts';

let edge: Edge;
afterEach(() => edge.close());

test('[WR12] draining tells every connection, answers what is under way, refuses the rest, and closes with 1012', async () => {
  edge = await openEdge();
  const final = edge.core.hold('final');
  const [busy, idle] = [await edge.connect(), await edge.connect('viewer.wall')];
  await idle.ask({ type: 'subscribe', id: 1, board: 'arena' });
  busy.send({ type: 'final', id: 1, match: 'm1', player: 'ann', score: 5 });
  await until('the final to be under way', () => final.count === 1);
  const drained = edge.gateway.drain();
  expect(edge.gateway.drain()).toBe(drained);
  await until('word of it', () => busy.pushes('stopping').length === 1);
  busy.send({ type: 'tick', id: 2, match: 'm1', player: 'ann', score: 6 });
  expect(await idle.ended()).toEqual({ code: 1012, reason: 'server is stopping; connect to another' });
  expect(idle.pushes('stopping')).toHaveLength(1);
  expect(busy.closed).toBeUndefined();
  final.release();
  expect((await busy.ended()).code).toBe(1012);
  await drained;
  expect(edge.gateway.sessions).toBe(0);
  expect(edge.core.scores.get('ann')).toBe(5);
  expect(edge.core.applied).toEqual([]);
});

test('[WR12] a tick under way when the drain begins is answered before the close', async () => {
  edge = await openEdge();
  const client = await edge.connect();
  const ticks = edge.core.hold('ticks');
  client.send({ type: 'tick', id: 1, match: 'm1', player: 'ann', score: 5 });
  await until('the tick to be under way', () => ticks.count === 1);
  const drained = edge.gateway.drain();
  client.send({ type: 'tick', id: 2, match: 'm1', player: 'ann', score: 6 });
  await until('word of it', () => client.pushes('stopping').length === 1);
  ticks.release();
  await drained;
  await client.ended();
  expect(client.replies).toMatchObject([
    { type: 'ok', id: 1, score: 5 },
    { type: 'error', id: 2, code: 'SHUTTING_DOWN', retryable: true, retryAfterMs: expect.any(Number) },
  ]);
});

test('[WR12] connections that do not go are cut at the deadline', async () => {
  edge = await openEdge({ drainTimeoutMs: 300 });
  const [stuck, deaf] = [await edge.connect(), await edge.connect()];
  edge.core.hold('final');
  stuck.send({ type: 'final', id: 1, match: 'm1', player: 'ann', score: 5 });
  deaf.socket.pause();
  const startedAt = performance.now();
  await edge.gateway.drain();
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect(edge.gateway.sessions).toBe(0);
  expect(edge.logged).toContainEqual(
    expect.objectContaining({ level: 'warn', message: 'connections cut off at the end of the drain' }),
  );
});
