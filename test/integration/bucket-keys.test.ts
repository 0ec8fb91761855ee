/** Buckets by key: named by game servers and by tokens, kept through the loss of Redis. */
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedis } from '../support/services.ts';
import { openWire, type Wire } from '../support/wire.ts';

const OPEN = 'regions';
const MATCHES = 'leagues';
let redis: FreshService;
let server: ServerProcess;
let host: Wire;

beforeAll(async () => {
  redis = await freshRedis();
  server = await startServer({ redisUrl: redis.url });
  host = await openWire(server.url, await server.token('server', 'host'));
  const buckets = { size: 2, by: 'key' };
  await must(server, 'POST', '/v1/admin/boards', { id: OPEN, title: OPEN, kind: 'open', buckets });
  // No flush comes by itself: what is read after a loss is of the finals alone.
  const flush = { intervalMs: 600_000 };
  await must(server, 'POST', '/v1/admin/boards', { id: MATCHES, title: MATCHES, buckets, flush });
  await must(server, 'POST', '/v1/admin/boards', { id: 'plain', title: 'plain', kind: 'open' });
});

afterAll(async () => {
  host?.close();
  await server?.stop();
  await redis?.remove();
});

it('[SP6] a game server names the key with the first score; later ones change nothing, and none is a key of its own', async () => {
  const tick = (player: string, score: number, bucketKey?: string) =>
    host.ok({ type: 'tick', board: OPEN, player, score, bucketKey });
  expect(await tick('a', 1, 'eu')).toMatchObject({ bucket: 'eu.1', bucketRank: 1 });
  expect(await tick('b', 2, 'us')).toMatchObject({ bucket: 'us.1', bucketRank: 1, rank: 1 });
  expect(await tick('c', 3, 'eu')).toMatchObject({ bucket: 'eu.1', bucketRank: 1 });
  expect(await tick('d', 4, 'eu')).toMatchObject({ bucket: 'eu.2' });
  expect(await tick('a', 9, 'us')).toMatchObject({ bucket: 'eu.1' });
  expect(await tick('e', 1)).toMatchObject({ bucket: 'none.1' });
  expect(await host.ok({ type: 'top', board: OPEN, bucket: 'eu.1' })).toMatchObject({
    ...{ total: 2, entries: [{ player: 'a' }, { player: 'c' }] },
  });
});

it('[SP6] a player has the key of the token, and cannot name one', async () => {
  const claims = { bucketKey: 'asia' };
  const wire = await openWire(server.url, await server.token('player', 'kim', claims));
  expect(await wire.ask({ type: 'tick', board: OPEN, score: 5, bucketKey: 'eu' })).toMatchObject({
    ...{ type: 'error', code: 'FORBIDDEN', field: 'bucketKey' },
  });
  expect(await wire.ok({ type: 'tick', board: OPEN, score: 5 })).toMatchObject({ bucket: 'asia.1' });
  wire.close();
  expect(
    await host.ask({ type: 'tick', board: 'plain', player: 'x', score: 1, bucketKey: 'eu' }),
  ).toMatchObject({
    ...{ type: 'error', code: 'INVALID_REQUEST', field: 'bucketKey' },
  });
});

it('[SP6] a first final names the key, and a rebuild from finals alone knows it', async () => {
  const { match } = await host.ok({ type: 'match.start', board: MATCHES });
  const finals = [
    { player: 'f', score: 3, bucketKey: 'gold' },
    { player: 'g', score: 2, bucketKey: 'gold' },
    { player: 'h', score: 1 },
  ];
  const ended = await host.ok({ type: 'match.end', match, finals });
  expect(ended['finals']).toMatchObject([{ bucket: 'gold.1' }, { bucket: 'gold.1' }, { bucket: 'none.1' }]);
  const sql = postgres(server.databaseUrl, { onnotice: () => {} });
  const rows = await sql`select player, bucket from standings order by player`;
  expect([...rows]).toEqual([
    { player: 'f', bucket: 'gold.0' },
    { player: 'g', bucket: 'gold.0' },
    { player: 'h', bucket: 'none.0' },
  ]);
  await sql.end();
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
  await until('the season is live again', async () => {
    const ranks = await host.ask({ type: 'rank', board: MATCHES, players: ['f', 'g', 'h'] });
    return ranks['source'] === 'live' && JSON.stringify(ranks).includes('"bucketRank"');
  });
  expect((await host.ok({ type: 'rank', board: MATCHES, players: ['f', 'g', 'h'] })).entries).toMatchObject([
    { rank: 1, bucket: 'gold.1', bucketRank: 1 },
    { rank: 2, bucket: 'gold.1', bucketRank: 2 },
    { rank: 3, bucket: 'none.1', bucketRank: 1 },
  ]);
});
