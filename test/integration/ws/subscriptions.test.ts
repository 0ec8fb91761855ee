import { applyDelta, viewOf } from '@photofinish/shared/client/board-view';
import { type Push, pushSchemas } from '@photofinish/shared/protocol/pushes';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../support/condition.ts';
import { type Client, type Document, type Edge, openEdge } from './edge.ts';

let edge: Edge;
afterEach(() => edge.close());

/** What a client that follows the protocol holds after everything it got. */
function held(client: Client, subscription: unknown) {
  const begin = client.documents.find((each) => each.type === 'ok' && each['subscription'] === subscription);
  let view = viewOf(begin as never);
  for (const push of client.documents.slice(client.documents.indexOf(begin as Document))) {
    if (push['subscription'] !== subscription || push.id !== undefined) continue;
    expect(pushSchemas[push.type as 'delta'].safeParse(push).success, JSON.stringify(push)).toBe(true);
    if (push.type === 'snapshot') view = viewOf(push as never);
    if (push.type !== 'delta') continue;
    const next = applyDelta(view, push as never as Push<'delta'>);
    if (!next) throw new Error(`does not fit: ${JSON.stringify(push)}`);
    view = next;
  }
  return view;
}

const topOf = async (client: Client) =>
  (await client.ask({ type: 'top', id: 'top', board: 'arena', limit: 5 }))['entries'];

test('[SU1] [SU2] a subscriber holds what a read answers, after a snapshot and deltas', async () => {
  edge = await openEdge();
  const [host, wall] = [await edge.connect(), await edge.connect('viewer.wall')];
  await host.ask({ type: 'tick', id: 1, match: 'm1', player: 'ann', score: 1 });
  const begin = await wall.ask({ type: 'subscribe', id: 's', board: 'arena', limit: 5 });
  expect(begin).toMatchObject({
    type: 'ok',
    subscription: 1,
    board: 'arena',
    total: 1,
    entries: [{ rank: 1, player: 'ann' }],
  });
  for (let i = 0; i < 100; i++)
    await host.ask({ type: 'tick', id: i, match: 'm1', player: `p${(i * 7) % 13}`, score: (i * 31) % 97 });
  const top = await topOf(host);
  await until(
    'the subscriber to catch up',
    () => JSON.stringify(held(wall, 1).entries) === JSON.stringify(top),
  );
  expect(wall.pushes('delta').length).toBeGreaterThan(2);
  expect(wall.pushes('snapshot')).toEqual([]);
});

test('[SU3] the board is read once per interval, not once per subscriber', async () => {
  edge = await openEdge({ subscriptionIntervalMs: 50 });
  const walls = await Promise.all(Array.from({ length: 30 }, (_, i) => edge.connect(`viewer.w${i}`)));
  await Promise.all(walls.map((wall) => wall.ask({ type: 'subscribe', id: 1, board: 'arena' })));
  const before = { tops: edge.core.tops, at: performance.now() };
  const host = await edge.connect();
  for (let i = 1; i <= 5; i++) {
    await host.ask({ type: 'tick', id: i, match: 'm1', player: 'ann', score: i });
    await until('all to hear', () => walls.every((wall) => held(wall, 1).entries[0]?.score === i));
  }
  const intervals = (performance.now() - before.at) / 50;
  expect(edge.core.tops - before.tops).toBeLessThanOrEqual(intervals + 1);
});

test('[SU6] the window comes with the subscription', async () => {
  edge = await openEdge();
  const wall = await edge.connect('viewer.wall');
  await wall.ask({ type: 'subscribe', id: 1, board: 'arena' });
  await until('a window', () => wall.pushes('window').length > 0);
  const [window] = wall.pushes('window');
  expect(window).toEqual({ type: 'window', subscription: 1, season: 's1', dirty: 0, oldestDirtyMs: 5 });
});

test('[SU8] no push comes before the subscribe reply or after the unsubscribe reply', async () => {
  edge = await openEdge({ subscriptionIntervalMs: 1 });
  const [host, wall] = [await edge.connect(), await edge.connect('server.wall')];
  let score = 0;
  const stir = setInterval(
    () => host.send({ type: 'tick', id: 1, match: 'm1', player: 'ann', score: ++score }),
    1,
  );
  edge.core.wait = (what) => new Promise((resolve) => setTimeout(resolve, what === 'final' ? 30 : 0));
  for (let i = 1; i <= 5; i++) {
    // The reply of the subscribe waits behind that of a final, while pushes could already go out.
    wall.send({ type: 'subscribe', id: `a${i}`, board: 'arena' });
    await wall.replyCount(wall.replies.length + 1);
    wall.send(
      { type: 'final', id: `f${i}`, match: 'm1', player: 'bob', score: i },
      { type: 'unsubscribe', id: `u${i}`, subscription: i },
    );
    await wall.replyCount(i * 3);
  }
  clearInterval(stir);
  const types = wall.documents.filter(({ type }) => type !== 'window');
  let open: unknown;
  for (const document of types) {
    if (document.id !== undefined && document['subscription'] !== undefined)
      open = open === undefined ? document['subscription'] : undefined;
    else if (document.id === undefined) expect(document['subscription']).toBe(open);
  }
  expect(wall.pushes('delta').length).toBeGreaterThan(0);
  expect(edge.gateway.subscriptions).toBe(0);
});

test('[SU8] a connection has at most 32 subscriptions; closing it ends them and the reading', async () => {
  edge = await openEdge();
  const wall = await edge.connect('viewer.wall');
  for (let id = 1; id <= 32; id++)
    expect(await wall.ask({ type: 'subscribe', id, board: 'arena', limit: id })).toMatchObject({
      type: 'ok',
      subscription: id,
    });
  expect(await wall.ask({ type: 'subscribe', id: 33, board: 'arena' })).toMatchObject({
    type: 'error',
    id: 33,
    code: 'TOO_MANY_SUBSCRIPTIONS',
    limit: '32 subscriptions per connection',
    fix: 'unsubscribe from one first',
  });
  await wall.ask({ type: 'unsubscribe', id: 34, subscription: 5 });
  expect(await wall.ask({ type: 'subscribe', id: 35, board: 'arena' })).toMatchObject({ type: 'ok' });
  wall.socket.close();
  await until('them to be gone', () => edge.gateway.subscriptions === 0);
  const { tops } = edge.core;
  const other = await edge.connect();
  for (let i = 0; i < 20; i++) await other.ask({ type: 'ping', id: i });
  expect(edge.core.tops).toBe(tops);
});

test('[SU8] a connection that ends while its board is being read leaves no subscription', async () => {
  edge = await openEdge();
  const wall = await edge.connect('viewer.wall');
  const read = edge.core.hold('read');
  wall.send({ type: 'subscribe', id: 1, board: 'arena' });
  await until('the reading', () => read.count === 1);
  wall.socket.terminate();
  await until('it to be gone', () => edge.gateway.sessions === 0);
  read.release();
  const other = await edge.connect();
  await other.ask({ type: 'top', id: 1, board: 'arena' });
  expect(edge.gateway.subscriptions).toBe(0);
});

test('[SU7] a board that fails to be read for a while catches up by itself', async () => {
  edge = await openEdge();
  const [host, wall] = [await edge.connect(), await edge.connect('viewer.wall')];
  await wall.ask({ type: 'subscribe', id: 1, board: 'arena' });
  edge.core.broken.read = new Error('down');
  await host.ask({ type: 'tick', id: 1, match: 'm1', player: 'ann', score: 7 });
  const { tops } = edge.core;
  await until('a few failed reads', () => edge.core.tops > tops + 3);
  edge.core.broken = {};
  await until('the news', () => held(wall, 1).entries[0]?.score === 7);
  expect(edge.logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
});
