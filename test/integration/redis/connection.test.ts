import { afterEach, expect, test } from 'vitest';
import { openRedis, redisReady } from '../../../server/src/redis/connections.ts';
import { seasonKeys } from '../../../server/src/redis/keys.ts';
import { RedisLiveBoard } from '../../../server/src/redis/live-board.ts';
import { checkRedis } from '../../../server/src/redis/startup-check.ts';
import { until } from '../../support/condition.ts';
import { type FreshService, freshRedis } from '../../support/services.ts';
import { coldSeason, openPorts, type Ports, silent, taken, tickOf, warm } from './live-season.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(settings: Record<string, string> = {}, timeoutMs = 500): Promise<FreshService & Ports> {
  const service = await freshRedis(settings);
  cleanups.push(() => service.remove());
  const ports = await openPorts(service.url, timeoutMs);
  cleanups.push(ports.close);
  return Object.assign(Object.create(service), ports);
}

const openSeason = (ports: Ports) => warm(ports, coldSeason({ kind: 'open', operator: 'sum' }));
const add = (delta: number, seq: number) => ({ ...tickOf('a', 0), score: undefined, delta, seq });

test('[RC1] a Redis that hangs: the outcome of a tick is unknown, of a read nothing is in doubt; later both work', async () => {
  const service = await start();
  const season = await openSeason(service);
  await service.live.tick(season, [add(10, 1)]);
  process.kill(service.pid, 'SIGSTOP');
  try {
    const [tick, read] = await Promise.allSettled([
      service.live.tick(season, [add(10, 2)]),
      service.live.page(season, { limit: 10 }),
    ]);
    expect(tick).toMatchObject({ status: 'rejected', reason: { code: 'OUTCOME_UNKNOWN' } });
    expect(read).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } });
  } finally {
    process.kill(service.pid, 'SIGCONT');
  }
  const resent = await until('ticks again', () => service.live.tick(season, [add(10, 2)]));
  expect(taken(resent).outcomes[0]).toMatchObject({ score: 20 });
});

test('[RC2] a tick without a connection is refused at once, never kept or sent later', async () => {
  const service = await start();
  const season = await openSeason(service);
  await service.kill();
  await until('the loss is noticed', () => service.redis.status !== 'ready');
  for (let n = 0; n < 3; n++)
    await expect(service.live.tick(season, [add(10, 1)])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await service.restart();
  await redisReady(service.redis, 10_000);
  expect(await service.live.window(season)).toMatchObject({ total: 0, version: 0 });
});

test('[RC2] a tick that was under way when the connection died is unknown, and is not sent again', async () => {
  const service = await start({}, 20_000);
  const season = await openSeason(service);
  process.kill(service.pid, 'SIGSTOP');
  const lost = service.live.tick(season, [add(10, 1)]);
  const refused = expect(lost).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  await service.kill();
  await refused;
  await service.restart();
  await redisReady(service.redis, 10_000);
  expect(await service.live.window(season)).toMatchObject({ total: 0 });
});

test('[RC3] a Redis that forgot the scripts gets them again', async () => {
  const service = await start();
  const season = await openSeason(service);
  await service.live.tick(season, [add(1, 1)]);
  await service.redis.script('FLUSH');
  const results = await Promise.all([2, 3, 4].map((seq) => service.live.tick(season, [add(1, seq)])));
  expect(results.map((result) => taken(result).outcomes[0]?.score)).toEqual([2, 3, 4]);
  await service.redis.script('FLUSH');
  expect((await service.queue.page(season, '0', 10)).records).toEqual([]);
});

test('[RC3] a script that fails is named, without its arguments', async () => {
  const service = await start();
  const season = await openSeason(service);
  await service.redis.hset(seasonKeys(season).entries, 'secret-player', 'not a record');
  const failed = await service.live
    .tick(season, [tickOf('secret-player', 1)])
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(Error);
  expect((failed as Error).message).toContain('scripts/tick.lua failed');
  expect(Object.keys(failed as Error)).toEqual([]);
});

test('[RC4] what a restart with an append-only file keeps: entries, marks and claims', async () => {
  const service = await start();
  const season = await openSeason(service);
  await service.live.tick(season, [add(10, 1)]);
  const claim = await service.queue.claim(season);
  await service.kill();
  await service.restart();
  await redisReady(service.redis, 10_000);
  expect(await service.queue.claim(season)).toEqual(claim);
  expect(await service.live.tick(season, [add(10, 1)])).toMatchObject({ outcomes: [{ repeat: true }] });
});

test('[RC5] a full Redis refuses a tick before it changes anything', async () => {
  const service = await start();
  const season = await openSeason(service);
  await service.live.tick(season, [add(10, 1)]);
  await service.redis.config('SET', 'maxmemory', '1');
  await expect(service.live.tick(season, [add(10, 2)])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await service.redis.config('SET', 'maxmemory', '0');
  expect(await service.live.window(season)).toMatchObject({ version: 1, dirty: 1 });
});

test('[RC6] a Redis as the project sets it up has no problems', async () => {
  const service = await start();
  const { facts, problems } = await checkRedis(service.redis);
  expect(problems).toEqual([]);
  expect(facts.aofFsync).toBe('everysec');
});

test('[RC6] no append-only file and an evicting policy are named with what to set', async () => {
  const service = await start({ appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' });
  const { problems } = await checkRedis(service.redis);
  expect(problems.map(({ fix }) => fix)).toEqual([
    expect.stringContaining('appendonly yes'),
    expect.stringContaining('maxmemory-policy noeviction'),
  ]);
});

test('[RC6] a replica is refused, and so is a write to it', async () => {
  const service = await start();
  const season = await openSeason(service);
  await service.redis.call('REPLICAOF', '127.0.0.1', '1');
  const { problems } = await checkRedis(service.redis);
  expect(problems).toMatchObject([{ problem: expect.stringContaining('replica') }]);
  await expect(service.live.tick(season, [add(1, 1)])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('[RC7] no Redis at all is told within the deadline', async () => {
  const redis = openRedis({
    url: 'redis://127.0.0.1:1',
    commandTimeoutMs: 500,
    name: 'nowhere',
    log: silent,
  });
  cleanups.push(() => redis.disconnect());
  await expect(redisReady(redis, 300)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  await expect(new RedisLiveBoard(redis).page(coldSeason(), { limit: 1 })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
});
