/** Finals that are too far from the last tick of their match, from the final to the prize. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgres, type Postgres } from '../../server/src/postgres/connections.ts';
import { PostgresFinalsStore } from '../../server/src/postgres/finals-store.ts';
import { call, must } from '../support/admin.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedis } from '../support/services.ts';
import { openWire, type Wire } from '../support/wire.ts';
import { silentLog } from './postgres/database.ts';

let redis: FreshService;
let server: ServerProcess;
let host: Wire;
let postgres: Postgres;

beforeAll(async () => {
  redis = await freshRedis();
  server = await startServer({ redisUrl: redis.url });
  host = await openWire(server.url, await server.token('server', 'match-host'));
  postgres = openPostgres({
    url: server.databaseUrl,
    ...{ max: 2, statementTimeoutMs: 10_000, name: 'photofinish-test', log: silentLog },
  });
});

afterAll(async () => {
  host?.close();
  await postgres?.close();
  expect(await server?.stop()).toBe(0);
  await redis?.remove();
});

const newBoard = (id: string, rules: Record<string, unknown> = {}) =>
  must(server, 'POST', '/v1/admin/boards', {
    ...{ id, title: id, flush: { intervalMs: 100 }, finals: { tolerance: 10 } },
    prizes: { bands: [{ from: 1, to: 1, amountMinor: 500 }] },
    ...rules,
  });
const flagsOf = async (query: string) => (await must(server, 'GET', `/v1/admin/flags?${query}`)).flags;

interface Played {
  match: string;
  season: string;
}

async function play(board: string, scores: Record<string, number>): Promise<Played> {
  const { match, season } = await host.ok({ type: 'match.start', board });
  for (const [player, score] of Object.entries(scores))
    await host.ok({ type: 'tick', match, player, score, seq: 1 });
  return { match: String(match), season: String(season) };
}

/** What a server leaves that dies right after the commit: the final is stored, and nobody compared it. */
const commitAlone = (match: string, player: string, score: number) =>
  new PostgresFinalsStore(postgres).write([
    { match, finals: [{ player, score }], end: false, at: Date.now() - 10_000 },
  ]);

it('[FG1] a final past the tolerance is stored and answered as any other, and flagged; [OB1] counted', async () => {
  await newBoard('arena');
  const { match, season } = await play('arena', { ann: 100, bob: 100, cy: 100 });
  expect(await host.ok({ type: 'final', match, player: 'ann', score: 250 })).toMatchObject({
    confirmed: 250,
    live: 'applied',
    rank: 1,
  });
  expect(await host.ok({ type: 'final', match, player: 'ann', score: 250 })).toMatchObject({
    duplicate: true,
  });
  await host.ok({
    type: 'match.end',
    match,
    finals: [
      { player: 'bob', score: 110 },
      { player: 'cy', score: 89 },
      { player: 'dee', score: 5_000 },
    ],
  });
  expect(await flagsOf('board=arena')).toMatchObject([
    {
      ...{ kind: 'final-tolerance', season, match, player: 'ann', status: 'open' },
      detail: { final: 250, lastTick: 100, tolerance: 10, source: 'live' },
    },
    { player: 'cy', detail: { final: 89 } },
  ]);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('photofinish_final_flags_total{kind="final-tolerance"} 2');
});

it('[FG2] a final whose server died after the commit is compared by the repair; [FG4] a flag that was decided stays so', async () => {
  await newBoard('crash');
  const { match, season } = await play('crash', { ann: 100 });
  await commitAlone(match, 'ann', 900);
  const [flag] = await until('the flag', async () => {
    const flags = await flagsOf(`season=${season}`);
    return flags.length > 0 && flags;
  });
  expect(flag).toMatchObject({ player: 'ann', detail: { final: 900, lastTick: 100, source: 'live' } });
  expect(await must(server, 'POST', `/v1/admin/flags/${flag.id}/clear`)).toMatchObject({
    status: 'cleared',
    decidedBy: 'test-admin',
  });
  // Died after the flag and before the final was marked live: all of it again.
  const pending = () =>
    postgres.read(({ sql }) => sql`select from pending_finals where matches @> array[${match}::text]`);
  await until('live', async () => (await pending()).length === 0);
  await postgres.write(
    ({ sql }) => sql`
      insert into pending_finals (id, at, seasons, matches, players)
      select 'again', accepted_at, array[season], array[match], array[player] from final_scores where match = ${match}`,
  );
  await until('live again', async () => (await pending()).length === 0);
  expect(await flagsOf(`season=${season}`)).toMatchObject([{ id: flag.id, status: 'cleared' }]);
});

it('[FG3] a final that comes before Redis lost the season is compared with what was flushed', async () => {
  await newBoard('lost');
  const { match, season } = await play('lost', { ann: 100, bob: 100 });
  await must(server, 'POST', `/v1/admin/seasons/${season}/flush`);
  await commitAlone(match, 'ann', 900);
  await commitAlone(match, 'bob', 105);
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
  await until('the flag', async () => (await flagsOf(`season=${season}`)).length === 1);
  expect(await flagsOf(`season=${season}`)).toMatchObject([{ player: 'ann', detail: { lastTick: 100 } }]);
});

it('[FG4] the queue is listed a page at a time, by board, season, player and status', async () => {
  await newBoard('queue');
  const { match, season } = await play('queue', { a: 1, b: 1, c: 1 });
  const finals = ['a', 'b', 'c'].map((player) => ({ player, score: 999 }));
  await host.ok({ type: 'match.end', match, finals });
  const first = await must(server, 'GET', '/v1/admin/flags?board=queue&limit=2');
  expect(first.flags.map((flag: { player: string }) => flag.player)).toHaveLength(2);
  const second = await must(server, 'GET', `/v1/admin/flags?board=queue&limit=2&after=${first.next}`);
  expect(second).not.toHaveProperty('next');
  expect([...first.flags, ...second.flags].map((flag: { player: string }) => flag.player).sort()).toEqual([
    'a',
    'b',
    'c',
  ]);
  await must(server, 'POST', `/v1/admin/flags/${first.flags[0].id}/clear`);
  expect(await flagsOf(`season=${season}&status=open`)).toHaveLength(2);
  expect(await flagsOf('board=queue&player=b')).toHaveLength(1);
  expect((await call(server, 'POST', '/v1/admin/flags/999999/clear')).body).toMatchObject({
    code: 'NOT_FOUND',
  });
});

it('[FG6] open flags of paid places block a settlement, by name; [FG5] confirmed, the next in order is paid', async () => {
  await newBoard('prizes');
  const { match, season } = await play('prizes', { ann: 100, bob: 100, cy: 100 });
  const finals = [
    { player: 'ann', score: 900 },
    { player: 'bob', score: 800 },
    { player: 'cy', score: 101 },
  ];
  await host.ok({ type: 'match.end', match, finals });
  const path = `/v1/admin/seasons/${season}/settlement`;
  const blocked = async (player: string) => {
    const preview = await must(server, 'PUT', `${path}?preview`);
    expect(preview.openFlags).toMatchObject([{ player }]);
    const refusal = await call(server, 'PUT', path);
    expect(refusal).toMatchObject({ status: 409, body: { code: 'SETTLEMENT_BLOCKED', field: 'season' } });
    expect(refusal.body.reasons).toEqual([expect.stringContaining(`player ${player}`)]);
    expect((await call(server, 'GET', path)).status).toBe(404);
    return preview.openFlags[0].id;
  };
  // bob's flag blocks nothing while bob would not be paid.
  const annsFlag = await blocked('ann');
  expect(await must(server, 'POST', `/v1/admin/flags/${annsFlag}/confirm`)).toMatchObject({
    status: 'confirmed',
  });
  const audit = await postgres.read(
    ({ sql }) =>
      sql`select action, target, by from audit_log where action in ('flag.confirm', 'player.hide') order by id`,
  );
  expect(audit).toMatchObject([
    { action: 'flag.confirm', target: String(annsFlag), by: 'test-admin' },
    { action: 'player.hide', target: 'ann', by: 'test-admin' },
  ]);
  expect(await host.ok({ type: 'rank', board: 'prizes', players: ['ann', 'bob'] })).toMatchObject({
    entries: [
      { player: 'ann', rank: null },
      { player: 'bob', rank: 1 },
    ],
  });
  const bobsFlag = await blocked('bob');
  await must(server, 'POST', `/v1/admin/flags/${bobsFlag}/clear`);
  expect(await must(server, 'PUT', path)).toMatchObject({ awards: [{ player: 'bob', rank: 1, score: 800 }] });
});

it('[FG7] a settlement waits for finals that are still to be compared', async () => {
  await newBoard('waits');
  const { match, season } = await play('waits', { ann: 100 });
  await commitAlone(match, 'ann', 900);
  expect(await call(server, 'PUT', `/v1/admin/seasons/${season}/settlement`)).toMatchObject({
    body: { code: 'SETTLEMENT_BLOCKED' },
  });
});
