import { afterEach, expect, test } from 'vitest';
import { until } from '../../support/condition.ts';
import { type Client, type Edge, openEdge } from './edge.ts';

let edge: Edge;
afterEach(() => edge.close());

const SOFT = 65_536;

/** Requests whose replies are about 70 KB each, sent by someone who reads nothing. */
function askWithoutReading(client: Client, requests: number): void {
  client.socket.pause();
  for (let id = 0; id < requests; id++) client.send({ type: 'top', id, board: 'arena', limit: 1_000 });
}

test('[WR9] a client that sends and does not read is not read: memory is bounded, and nothing is lost', async () => {
  edge = await openEdge({ outboxBytesMax: SOFT * 16, slowReaderMs: 60_000 });
  edge.core.padding = 1_000;
  const client = await edge.connect();
  const requests = 1_000;
  askWithoutReading(client, requests);
  let seen = -1;
  await until(
    'the server to stop reading',
    async () => {
      const stands = edge.core.tops === seen && seen > 0;
      seen = edge.core.tops;
      await new Promise((resolve) => setTimeout(resolve, 150));
      return stands;
    },
    30_000,
  );
  expect(edge.core.tops).toBeLessThan(requests);
  client.socket.resume();
  const replies = await client.replyCount(requests);
  expect(replies.map(({ id }) => id)).toEqual(Array.from({ length: requests }, (_, id) => id));
});

test('[WR10] a reader that takes nothing is closed with 4008', async () => {
  edge = await openEdge({ outboxBytesMax: SOFT * 16, slowReaderMs: 300 });
  edge.core.padding = 1_000;
  const [client, other] = [await edge.connect(), await edge.connect()];
  askWithoutReading(client, 1_000);
  await until('the gateway to give up', () => edge.gateway.sessions === 1, 20_000);
  client.socket.resume();
  await client.ended();
  expect(edge.seen.closed).toEqual([4008]);
  expect(await other.ask({ type: 'ping', id: 1 })).toMatchObject({ type: 'ok' });
});

test('[WR10] a reader that wakes up in time hears why: 4008', async () => {
  edge = await openEdge({ outboxBytesMax: SOFT * 16, slowReaderMs: 300 });
  edge.core.padding = 1_000;
  const client = await edge.connect();
  askWithoutReading(client, 1_000);
  const { tops } = edge.core;
  await until('it to be stuck', async () => {
    const before = edge.core.tops;
    await new Promise((resolve) => setTimeout(resolve, 700));
    return before === edge.core.tops && before > tops;
  });
  client.socket.resume();
  // Sooner than the cut-off of peers that do not answer a close: this one's answer is heard.
  expect(await client.ended(3_000)).toEqual({ code: 4008, reason: 'replies were not read fast enough' });
});

test('[WR10] replies under way past four times the limit close with 4008 at once', async () => {
  edge = await openEdge({ outboxBytesMax: 16_384, slowReaderMs: 60_000 });
  edge.core.padding = 1_000;
  const client = await edge.connect();
  client.send(...Array.from({ length: 8 }, (_, id) => ({ type: 'top', id, board: 'arena', limit: 1_000 })));
  expect((await client.ended()).code).toBe(4008);
});

test('[SU4] a subscriber that does not read gets the newest state when it does, not every step', async () => {
  edge = await openEdge({ outboxBytesMax: SOFT, slowReaderMs: 60_000, subscriptionIntervalMs: 5 });
  edge.core.padding = 300;
  const [host, wall] = [await edge.connect(), await edge.connect('viewer.wall')];
  const subscriptions = 20;
  for (let i = 0; i < subscriptions; i++)
    await wall.ask({ type: 'subscribe', id: i, board: 'arena', limit: 200 - i });
  wall.socket.pause();
  const rounds = 120;
  for (let i = 0; i < rounds; i++) {
    const score = (n: number) => 1 + ((i * 7 + n * 13) % 9_973);
    const ticks = Array.from({ length: 200 }, (_, n) => ({
      player: `player-${n}`.padEnd(64, '-'),
      score: score(n),
    }));
    await host.ask({ type: 'ticks', id: i, match: 'm1', ticks });
  }
  const { tops } = edge.core;
  await until('the last of it to be read', () => edge.core.tops > tops + 1);
  wall.socket.resume();
  const top = (await host.ask({ type: 'top', id: 'top', board: 'arena', limit: 200 }))['entries'];
  const newest = JSON.stringify(top);
  await until('the newest state', () =>
    wall.pushes('snapshot').some((each) => JSON.stringify(each['entries']) === newest),
  );
  expect(wall.pushes('delta').length).toBeLessThan(rounds * subscriptions);
  expect(wall.pushes('snapshot').length).toBeGreaterThanOrEqual(subscriptions);
});
