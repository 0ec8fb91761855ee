/** Silent matches, through two servers on the same databases. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgres, type Postgres } from '../../server/src/postgres/connections.ts';
import { PostgresMatchLifeStore } from '../../server/src/postgres/match-life-store.ts';
import { call, must } from '../support/admin.ts';
import { assertAgreement, snapshotRows } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedis } from '../support/services.ts';
import { openWire, type Wire } from '../support/wire.ts';
import { silentLog } from './postgres/database.ts';

let redis: FreshService;
let a: ServerProcess;
let b: ServerProcess;
let hostA: Wire;
let hostB: Wire;
let postgres: Postgres;

beforeAll(async () => {
  redis = await freshRedis();
  a = await startServer({ redisUrl: redis.url });
  b = await startServer(a);
  hostA = await openWire(a.url, await a.token('server', 'host-a'));
  hostB = await openWire(b.url, await b.token('server', 'host-b'));
  postgres = openPostgres({
    url: a.databaseUrl,
    ...{ max: 2, statementTimeoutMs: 10_000, name: 'photofinish-test', log: silentLog },
  });
});

afterAll(async () => {
  hostA?.close();
  hostB?.close();
  await postgres?.close();
  expect(await b?.stop()).toBe(0);
  expect(await a?.stop()).toBe(0);
  await redis?.remove();
});

const newBoard = (id: string, timeoutMs: number, rules: Record<string, unknown> = {}) =>
  must(a, 'POST', '/v1/admin/boards', {
    ...{ id, title: id, flush: { intervalMs: 100 }, matches: { timeoutMs } },
    ...rules,
  });
const start = async (board: string) => {
  const { match, season } = await hostA.ok({ type: 'match.start', board });
  return { match: String(match), season: String(season) };
};
const tick = (host: Wire, match: string, player: string, score: number) =>
  host.ask({ type: 'tick', match, player, score });
const isAbandoned = async (match: string): Promise<boolean> =>
  (await must(a, 'GET', `/v1/admin/matches/${match}`)).abandoned;
const playersOf = async (board: string) =>
  (await must(a, 'GET', `/v1/boards/${board}/top`)).entries.map((entry: { player: string }) => entry.player);
const metric = async (server: ServerProcess) => {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^photofinish_match_abandoned_total (\d+)$/m.exec(text)?.[1]);
};
const emptyRedis = async () => {
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
};

it('[AB1] a match that is played through either server goes on; silent, it is abandoned, [AB2] once, and [AB3] what it left is dropped', async () => {
  await newBoard('arena', 1_000);
  const earlier = await start('arena');
  await hostA.ok({ type: 'match.end', match: earlier.match, finals: [{ player: 'ann', score: 50 }] });
  const { match, season } = await start('arena');
  const before = (await metric(a)) + (await metric(b));
  // Past three timeouts, one server after the other, each silent for longer than the timeout.
  const from = Date.now();
  let at = 0;
  await until(
    'a long match',
    async () => {
      at += 1;
      const host = Math.floor((Date.now() - from) / 1_500) % 2 === 0 ? hostA : hostB;
      for (const player of ['ann', 'bob'])
        expect(await tick(host, match, player, 100 + at)).toMatchObject({ type: 'ok' });
      return Date.now() - from > 8_000;
    },
    20_000,
  );
  expect(await isAbandoned(match)).toBe(false);
  const silentFrom = Date.now();
  await until('abandoned', () => isAbandoned(match));
  expect(Date.now() - silentFrom).toBeGreaterThan(1_000);
  expect((await metric(a)) + (await metric(b))).toBe(before + 1);
  await until('ann as confirmed, bob nowhere', async () => (await playersOf('arena')).join() === 'ann');
  expect(await hostB.ok({ type: 'rank', board: 'arena', players: ['ann', 'bob'] })).toMatchObject({
    total: 1,
    entries: [
      { player: 'ann', rank: 1, score: 50 },
      { player: 'bob', rank: null },
    ],
  });
  await until(
    'the snapshot follows',
    async () => (await snapshotRows(a.databaseUrl, season)).map((row) => row.score).join() === '50',
  );
  // [AB3] and plays again.
  const next = await start('arena');
  expect(await tick(hostB, next.match, 'bob', 7)).toMatchObject({ type: 'ok', rank: 2, score: 7 });
  await assertAgreement(a, 'arena', season);
}, 40_000);

it('[AB4] later ticks and finals are refused by name by every server, with their group; a repeat is answered', async () => {
  await newBoard('late', 1_000);
  const { match } = await start('late');
  for (const host of [hostA, hostB]) await tick(host, match, 'ann', 5);
  await hostA.ok({ type: 'final', match, player: 'bob', score: 3 });
  await until('abandoned', () => isAbandoned(match));
  for (const host of [hostA, hostB]) {
    expect(await tick(host, match, 'ann', 6)).toMatchObject({ code: 'MATCH_ABANDONED', field: 'match' });
    expect(await tick(host, match, 'eve', 6)).toMatchObject({ code: 'MATCH_ABANDONED' });
    const finals = [{ player: 'ann', score: 6 }];
    expect(await host.ask({ type: 'match.end', match, finals })).toMatchObject({ code: 'MATCH_ABANDONED' });
    expect(await host.ask({ type: 'final', match, player: 'ann', score: 6 })).toMatchObject({
      code: 'MATCH_ABANDONED',
      retryable: false,
    });
    expect(await host.ok({ type: 'final', match, player: 'bob', score: 3 })).toMatchObject({
      duplicate: true,
    });
  }
  await until('bob alone', async () => (await playersOf('late')).join() === 'bob');
});

it('[AB5] scores stay away though Redis loses its memory before they are dropped, and after; [AB8] a season of vacant entries alone is rebuilt as such', async () => {
  await newBoard('lost', 60_000);
  const { match, season } = await start('lost');
  await tick(hostA, match, 'ann', 5);
  await tick(hostB, match, 'bob', 6);
  await must(a, 'POST', `/v1/admin/seasons/${season}/flush`);
  // What a server leaves that dies right after it abandoned the match.
  await emptyRedis();
  await new PostgresMatchLifeStore(postgres).abandon(match, Date.now(), 'dead-server');
  await until('nobody', async () => (await playersOf('lost')).length === 0);
  await emptyRedis();
  await until('nobody again', async () => {
    const { source, entries } = await must(a, 'GET', '/v1/boards/lost/top');
    return source === 'live' && entries.length === 0;
  });
  await until('the snapshot follows', async () => (await snapshotRows(a.databaseUrl, season)).length === 0);
  await assertAgreement(b, 'lost', season);
  // [AB8] a season with vacant entries alone is rebuilt as such.
  await emptyRedis();
  await until('nobody still', async () => {
    const { source, entries, total } = await must(b, 'GET', '/v1/boards/lost/top');
    return source === 'live' && entries.length === 0 && total === 0;
  });
});

it('[AB6] a server token gives a match up at once; [AB7] an admin reads it, and the audit log has both', async () => {
  await newBoard('given-up', 60_000);
  const first = await start('given-up');
  await tick(hostA, first.match, 'ann', 5);
  const ended = await hostB.ok({ type: 'match.abandon', match: first.match });
  expect(await hostA.ok({ type: 'match.abandon', match: first.match })).toMatchObject({
    endedAt: ended['endedAt'],
  });
  await until('nobody', async () => (await playersOf('given-up')).length === 0);
  const second = await start('given-up');
  await tick(hostA, second.match, 'ann', 5);
  expect(await must(a, 'GET', `/v1/admin/matches/${second.match}`)).toMatchObject({
    ...{
      id: second.match,
      season: second.season,
      endedAt: null,
      abandoned: false,
      limits: { timeoutMs: 60_000 },
    },
    players: [{ player: 'ann', final: null }],
  });
  expect(await must(a, 'POST', `/v1/admin/matches/${second.match}/abandon`)).toMatchObject({
    abandoned: true,
  });
  const audit = await postgres.read(
    ({ sql }) =>
      sql`select by, target from audit_log where action = 'match.abandon' and target = any(array[${first.match}, ${second.match}]) order by id`,
  );
  expect(audit).toMatchObject([
    { by: 'host-b', target: first.match },
    { by: 'test-admin', target: second.match },
  ]);
  const third = await start('given-up');
  await hostA.ok({ type: 'match.end', match: third.match, finals: [] });
  expect(await hostA.ask({ type: 'match.abandon', match: third.match })).toMatchObject({
    code: 'MATCH_ENDED',
  });
  expect(await hostA.ask({ type: 'match.abandon', match: 'nothing' })).toMatchObject({
    code: 'MATCH_NOT_FOUND',
  });
  const player = await openWire(a.url, await a.token('player', 'ann'));
  expect(await player.ask({ type: 'match.abandon', match: third.match })).toMatchObject({
    code: 'FORBIDDEN',
  });
  player.close();
  await must(a, 'POST', '/v1/admin/boards', { id: 'free', title: 'Free' });
  const free = await start('free');
  expect((await call(a, 'POST', `/v1/admin/matches/${free.match}/abandon`)).body).toMatchObject({
    code: 'INVALID_REQUEST',
    field: 'match',
  });
});
