import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { seasonKeys } from '../../../server/src/redis/keys.ts';
import { coldSeason, entriesInRedis, openPorts, type Ports, T0, tickOf, warm } from './live-season.ts';

let ports: Ports;
beforeAll(async () => {
  ports = await openPorts(inject('redisUrl'));
});
afterAll(() => ports.close());

const TTL = 60_000;
const record = (player: string, score: number): EntryRecord => ({
  player,
  rev: 0,
  score,
  achievedAt: T0,
  confirmed: { score, achievedAt: T0 },
  finals: 2,
  matchKey: '',
  matchEnded: true,
  provisional: undefined,
  seqs: ';w=3;',
});

test('[WB1] a season is warm after publish, with its entries, its epoch and its state', async () => {
  const season = coldSeason();
  const records = Array.from({ length: 2_500 }, (_, i) =>
    record(`p${String(i).padStart(4, '0')}`, 5_000 - i),
  );
  await warm(ports, season, { records, epoch: 7, state: 'closing' });
  expect(await entriesInRedis(ports, season)).toEqual(records);
  expect(await ports.live.window(season)).toEqual({
    kind: 'ok',
    epoch: 7,
    version: 0,
    state: 'closing',
    total: 2_500,
    dirty: 0,
    dirtySince: undefined,
  });
});

test('[WB1] a season without entries becomes warm too', async () => {
  const season = await warm(ports, coldSeason({ kind: 'open' }));
  expect(await ports.builder.isWarm(season)).toBe(true);
  expect(await ports.live.tick(season, [tickOf('a', 1)])).toMatchObject({ kind: 'ok', version: 1 });
});

test('[WB2] nothing is seen of a season while it is built', async () => {
  const season = coldSeason();
  await ports.builder.lock(season, 't', TTL);
  await ports.builder.begin(season, 't');
  await ports.builder.fill(season, 't', [record('a', 1)]);
  expect(await ports.live.page(season, { limit: 10 })).toEqual({ kind: 'cold' });
  expect(await ports.builder.isWarm(season)).toBe(false);
});

test('[WB3] one builder at a time; one that lost its lock can neither fill nor publish nor unlock', async () => {
  const season = coldSeason();
  const { builder } = ports;
  expect(await builder.lock(season, 'slow', TTL)).toBe(true);
  expect(await builder.lock(season, 'quick', TTL)).toBe(false);
  await builder.begin(season, 'slow');
  expect(await builder.fill(season, 'slow', [record('old', 1)])).toBe(true);
  await ports.redis.del(seasonKeys(season).builder);
  expect(await builder.lock(season, 'quick', TTL)).toBe(true);
  await builder.begin(season, 'quick');
  expect(await builder.fill(season, 'quick', [record('new', 1)])).toBe(true);

  await builder.begin(season, 'slow');
  expect(await builder.fill(season, 'slow', [record('old', 1)])).toBe(false);
  expect(await builder.publish(season, 'slow', { epoch: 1, state: 'open' })).toBe(false);
  await builder.unlock(season, 'slow');
  expect(await builder.publish(season, 'quick', { epoch: 2, state: 'open' })).toBe(true);
  expect(await entriesInRedis(ports, season)).toMatchObject([{ player: 'new' }]);
});

test('[WB3] keeping a lock prolongs it, and takes none', async () => {
  const season = coldSeason();
  const { builder } = ports;
  const lock = seasonKeys(season).builder;
  await builder.lock(season, 't', 5_000);
  expect(await builder.keepLock(season, 't', TTL)).toBe(true);
  expect(await ports.redis.pttl(lock)).toBeGreaterThan(5_000);
  expect(await builder.keepLock(season, 'other', TTL)).toBe(false);
  await builder.unlock(season, 't');
  expect(await builder.keepLock(season, 't', TTL)).toBe(false);
  expect(await ports.redis.exists(lock)).toBe(0);
});

test('[WB4] a warm season is never built over', async () => {
  const season = await warm(ports, coldSeason({ kind: 'open' }));
  await ports.live.tick(season, [tickOf('a', 9)]);
  await ports.builder.lock(season, 't', TTL);
  await ports.builder.begin(season, 't');
  await ports.builder.fill(season, 't', [record('b', 1)]);
  expect(await ports.builder.publish(season, 't', { epoch: 2, state: 'open' })).toBe(false);
  expect(await ports.live.page(season, { limit: 10 })).toMatchObject({
    epoch: 1,
    entries: [{ player: 'a', score: 9 }],
  });
});

test('[WB5] a build of which Redis lost a part is not published', async () => {
  const season = coldSeason();
  const { builder, redis } = ports;
  const keys = seasonKeys(season);
  await builder.lock(season, 't', TTL);
  await builder.begin(season, 't');
  await builder.fill(season, 't', [record('a', 1), record('b', 2)]);
  await redis.hdel(keys.buildEntries, 'a');
  expect(await builder.fill(season, 't', [record('c', 3)])).toBe(false);
  expect(await builder.publish(season, 't', { epoch: 1, state: 'open' })).toBe(false);
  await builder.begin(season, 't');
  await builder.fill(season, 't', [record('a', 1)]);
  await redis.del(keys.buildRank);
  expect(await builder.publish(season, 't', { epoch: 1, state: 'open' })).toBe(false);
});

test('[WB6] publish drops what an earlier life of the season left behind', async () => {
  const season = await warm(ports, coldSeason({ kind: 'open' }));
  await ports.live.tick(season, [tickOf('old', 1)]);
  await ports.queue.claim(season);
  await ports.live.tick(season, [tickOf('older', 1)]);
  await ports.redis.del(seasonKeys(season).meta);
  await warm(ports, season, { records: [record('new', 1)], epoch: 2 });
  expect(await entriesInRedis(ports, season)).toMatchObject([{ player: 'new' }]);
  expect(await ports.live.window(season)).toMatchObject({ dirty: 0, total: 1 });
});

test('[WB7] what the snapshot knew is honoured: seqs, ended matches and the count of finals', async () => {
  const season = await warm(ports, coldSeason({ kind: 'open' }), { records: [record('a', 5)] });
  expect(await ports.live.tick(season, [tickOf('a', 9, { seq: 3 })])).toMatchObject({
    outcomes: [{ repeat: true, score: 5 }],
  });
  expect(
    await ports.live.confirm(
      season,
      [{ player: 'a', matchKey: '', confirmed: { score: 1, achievedAt: T0 }, finals: 2 }],
      T0,
    ),
  ).toMatchObject({ entries: [{ score: 5 }], version: 0 });
});
