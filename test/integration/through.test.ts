/** Policy `through`: ticks that are answered once Postgres has them. */
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, must } from '../support/admin.ts';
import { assertAgreement, snapshotRows } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedis } from '../support/services.ts';
import { openWire, type Wire } from '../support/wire.ts';

let redis: FreshService;
let server: ServerProcess;
let wire: Wire;
let season: string;

const BOARD = 'bank';
const tick = (player: string, seq: number) => ({ type: 'tick', board: BOARD, player, delta: 10, seq });

beforeAll(async () => {
  redis = await freshRedis();
  server = await startServer({ redisUrl: redis.url, env: { DATABASE_TIMEOUT_MS: '1500' } });
  wire = await openWire(server.url, await server.token('server', 'host'));
  // No flush of its own comes in the time of this test.
  await must(server, 'POST', '/v1/admin/boards', {
    id: BOARD,
    title: BOARD,
    kind: 'open',
    operator: 'sum',
    ticks: { policy: 'through', maxPerSecond: 10_000 },
    flush: { intervalMs: 600_000 },
  });
  season = (await must(server, 'GET', `/v1/boards/${BOARD}/seasons`)).seasons[0].id;
});

afterAll(async () => {
  wire?.close();
  await server?.stop();
  await redis?.remove();
});

it('[TH1] a tick of policy through is in Postgres when it is answered, and is ranked at once', async () => {
  const answer = await wire.ok(tick('ada', 1));
  expect(await snapshotRows(server.databaseUrl, season)).toMatchObject([{ player: 'ada', score: 10 }]);
  expect(answer).toMatchObject({ ack: 'database', rank: 1, score: 10, improved: true });
  expect(await must(server, 'GET', `/v1/seasons/${season}/window`)).toMatchObject({ dirty: 0 });
});

it('[TH2] ticks that come together are committed together', async () => {
  const flushes = async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const line = /^photofinish_flush_passes_total\{[^}]*cause="through"[^}]*\} (\d+)/m.exec(metrics);
    return Number(line?.[1] ?? Number.NaN);
  };
  const before = await flushes();
  const players = Array.from({ length: 300 }, (_, i) => `p${i}`);
  const answers = await Promise.all(players.map((player) => wire.ok(tick(player, 1))));
  for (const answer of answers) expect(answer).toMatchObject({ ack: 'database' });
  expect((await flushes()) - before).toBeLessThan(30);
  const rows = await snapshotRows(server.databaseUrl, season);
  expect(rows.filter(({ player }) => player.startsWith('p'))).toHaveLength(300);
});

it('[TH3] every tick that was answered is there after Redis has lost everything', async () => {
  const acked = new Map<string, number>();
  const client = new Redis(redis.url);
  const players = Array.from({ length: 20 }, (_, i) => `q${i}`);
  const writing = Promise.all(
    players.map(async (player) => {
      for (let seq = 1; seq <= 30; seq++) {
        // What is not answered ok is sent again, as the wire asks.
        await until('the tick is answered', async () => (await wire.ask(tick(player, seq))).type === 'ok');
        acked.set(player, seq);
      }
    }),
  );
  await until('some are acked', () => [...acked.values()].reduce((sum, seq) => sum + seq, 0) > 100);
  await client.flushall();
  const atLoss = new Map(acked);
  await writing;
  client.disconnect();
  const rows = new Map(
    (await snapshotRows(server.databaseUrl, season)).map(({ player, score }) => [player, score]),
  );
  for (const player of players) {
    expect(rows.get(player)).toBe(300);
    expect(atLoss.get(player) ?? 0).toBeLessThanOrEqual(30);
  }
  expect(rows.get('ada')).toBe(10);
});

it('[TH4] while Postgres does not commit the outcome is unknown, and the same tick again is answered once it is committed', async () => {
  const sql = postgres(server.databaseUrl, { max: 1 });
  await sql.begin(async (transaction) => {
    await transaction`select from seasons where id = ${season} for update`;
    expect(await wire.ask(tick('eve', 1))).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
  });
  await sql.end();
  const answer = await until('it is committed', async () => {
    const reply = await wire.ask(tick('eve', 1));
    return reply.type === 'ok' ? reply : undefined;
  });
  expect(answer).toMatchObject({ ack: 'database', repeat: true, score: 10 });
  expect(await snapshotRows(server.databaseUrl, season)).toContainEqual(
    expect.objectContaining({ player: 'eve', score: 10 }),
  );
});

it('[TH1] agrees with Postgres after all that', async () => {
  await assertAgreement(server, BOARD, season);
});

it('[AK4] a Redis without WAITAOF makes no board that acks aof, and policy through takes no other ack', async () => {
  const board = (ticks: object) => ({ id: 'other', title: 'other', ticks });
  const without = await call(server, 'POST', '/v1/admin/boards', board({ ack: 'replica', replicas: 2 }));
  expect(without).toMatchObject({
    status: 400,
    body: { field: 'ticks.ack', limit: 'it has 0 of 2 replicas' },
  });
  const both = await call(server, 'POST', '/v1/admin/boards', board({ policy: 'through', ack: 'aof' }));
  expect(both).toMatchObject({ status: 400, body: { field: 'ticks.ack' } });
});
