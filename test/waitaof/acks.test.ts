/** Acks beyond Redis's memory, on a Redis that has `WAITAOF` and on a real replica of it. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must } from '../support/admin.ts';
import { assertAgreement } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedisWithWaitAof } from '../support/services.ts';
import { openWire, type Wire } from '../support/wire.ts';

const ACK_TIMEOUT_MS = 1_500;

let primary: FreshService;
let replica: FreshService;
let redis: Redis;
let server: ServerProcess;
let wire: Wire;
/** The open season of each board. */
const seasons: Record<string, string> = {};

const replicasOnline = async (): Promise<boolean> =>
  /^slave0:.*state=online/m.test(await redis.info('replication'));

const newBoard = async (id: string, ticks: Record<string, unknown>): Promise<void> => {
  await must(server, 'POST', '/v1/admin/boards', {
    id,
    title: id,
    kind: 'open',
    operator: 'sum',
    ticks: { maxPerSecond: 10_000, ...ticks },
  });
  seasons[id] = (await must(server, 'GET', `/v1/boards/${id}/seasons`)).seasons[0].id;
};

const tick = (board: string, seq: number) => ({ type: 'tick', board, player: 'ada', delta: 10, seq });

beforeAll(async () => {
  // A replica is served at once, not after the seconds that Redis waits for more of them.
  primary = await freshRedisWithWaitAof({ 'repl-diskless-sync-delay': '0' });
  replica = await freshRedisWithWaitAof();
  redis = new Redis(primary.url);
  const follower = new Redis(replica.url);
  await follower.config('SET', 'masterauth', decodeURIComponent(new URL(primary.url).password));
  await follower.call('REPLICAOF', '127.0.0.1', String(primary.port));
  follower.disconnect();
  await until('the replica follows', replicasOnline);
  server = await startServer({
    redisUrl: primary.url,
    env: { ACK_TIMEOUT_MS: String(ACK_TIMEOUT_MS), REDIS_TIMEOUT_MS: '1000' },
  });
  wire = await openWire(server.url, await server.token('server', 'host'));
  await newBoard('fast', { ack: 'cache' });
  await newBoard('synced', { ack: 'aof' });
  await newBoard('copied', { ack: 'replica' });
});

afterAll(async () => {
  wire?.close();
  redis?.disconnect();
  await server?.stop();
  await Promise.all([primary?.remove(), replica?.remove()]);
});

describe('ack aof', () => {
  it('[AK1] is named by replies that an fsync stands behind, of single ticks and of many', async () => {
    expect(await wire.ok(tick('synced', 1))).toMatchObject({ ack: 'aof', score: 10, rank: 1 });
    const many = { type: 'ticks', board: 'synced', ticks: [{ player: 'bob', delta: 5, seq: 1 }] };
    expect(await wire.ok(many)).toMatchObject({ ack: 'aof', results: [{ player: 'bob', score: 5 }] });
    expect(await wire.ok(tick('fast', 1))).toMatchObject({ ack: 'cache' });
  });

  it('[AK2] ticks that come while an fsync is awaited share the next one, and are answered in order', async () => {
    const before = Number(/cmdstat_waitaof:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1]);
    const order: number[] = [];
    const seqs = Array.from({ length: 200 }, (_, i) => i + 2);
    await Promise.all(
      seqs.map(async (seq) => {
        expect(await wire.ok(tick('synced', seq))).toMatchObject({ ack: 'aof', score: seq * 10 });
        order.push(seq);
      }),
    );
    expect(order).toEqual(seqs);
    const after = Number(/cmdstat_waitaof:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1]);
    expect(after - before).toBeLessThan(10);
  });

  it('[AK2] ticks of other boards do not stand behind it', async () => {
    const other = await openWire(server.url, await server.token('server', 'other'));
    await redis.config('SET', 'appendfsync', 'no');
    const waiting = wire.ask(tick('synced', 202));
    expect(await other.ok(tick('fast', 1))).toMatchObject({ ack: 'cache' });
    let isAnswered = false;
    void waiting.then(() => {
      isAnswered = true;
    });
    expect(await other.ok({ type: 'rank', board: 'synced', players: ['ada'] })).toMatchObject({
      entries: [{ score: 2_020 }],
    });
    expect(isAnswered).toBe(false);
    await redis.config('SET', 'appendfsync', 'always');
    expect(['ok', 'error']).toContain((await waiting).type);
    other.close();
  });

  it('[AK3] without an fsync in time the outcome is unknown, and the same tick again waits for it anew', async () => {
    await redis.config('SET', 'appendfsync', 'no');
    expect(await wire.ask(tick('synced', 203))).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      retryable: true,
      message: expect.stringContaining('no fsync'),
    });
    expect(await wire.ask(tick('synced', 203))).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await redis.config('SET', 'appendfsync', 'always');
    expect(await wire.ok(tick('synced', 203))).toMatchObject({ ack: 'aof', repeat: true, score: 2_030 });
  });

  it('[AK3] a connection that is lost while it waits leaves the outcome unknown', async () => {
    await redis.config('SET', 'appendfsync', 'no');
    const waiting = wire.ask(tick('synced', 204));
    const lane = await until('the wait is under way', async () =>
      /id=(\d+) .*name=photofinish-ack-aof .*cmd=waitaof/.exec(String(await redis.client('LIST'))),
    );
    await redis.config('SET', 'appendfsync', 'always');
    await redis.client('KILL', 'ID', String(lane[1]));
    expect(await waiting).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(
      await until('the lane is back', async () => {
        const reply = await wire.ask(tick('synced', 204));
        return reply.type === 'ok' ? reply : undefined;
      }),
    ).toMatchObject({ ack: 'aof', score: 2_040 });
  });

  it('[AK4] without an append-only file ticks are refused before anything is done, and boards are not made', async () => {
    await redis.config('SET', 'appendonly', 'no');
    try {
      const refused = await until('the board is refused', async () => {
        const reply = await wire.ask(tick('synced', 205));
        return reply.code === 'ACK_UNAVAILABLE' ? reply : undefined;
      });
      expect(refused).toMatchObject({ field: 'ticks.ack', fix: expect.stringContaining('appendonly yes') });
      const before = await wire.ok({ type: 'rank', board: 'synced', players: ['ada'] });
      expect(await wire.ask(tick('synced', 206))).toMatchObject({ code: 'ACK_UNAVAILABLE' });
      expect(await wire.ok({ type: 'rank', board: 'synced', players: ['ada'] })).toEqual({
        ...before,
        id: expect.any(Number),
      });
      const board = { id: 'late', title: 'late', ticks: { ack: 'aof' } };
      const answer = await call(server, 'POST', '/v1/admin/boards', board);
      expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', field: 'ticks.ack' } });
      expect(await wire.ok(tick('fast', 2))).toMatchObject({ ack: 'cache' });
      const second = await startServer({ ...server, env: { ACCEPT_LOSS: 'true' } });
      expect(second.logs()).toContain('board is not served for ticks');
      await second.stop();
    } finally {
      await redis.config('SET', 'appendonly', 'yes');
    }
    expect(
      await until('the board is served again', async () => {
        const reply = await wire.ask(tick('synced', 206));
        return reply.type === 'ok' ? reply : undefined;
      }),
    ).toMatchObject({ ack: 'aof' });
  });
});

describe('ack replica', () => {
  it('[AK5] is named by replies whose tick is on a replica; a stopped replica gives none', async () => {
    expect(await wire.ok(tick('copied', 1))).toMatchObject({ ack: 'replica', score: 10 });
    process.kill(replica.pid, 'SIGSTOP');
    try {
      expect(await wire.ask(tick('copied', 2))).toMatchObject({
        code: 'OUTCOME_UNKNOWN',
        message: expect.stringContaining('only 0 of 1 replicas'),
      });
    } finally {
      process.kill(replica.pid, 'SIGCONT');
    }
    expect(
      await until('the replica has it', async () => {
        const reply = await wire.ask(tick('copied', 2));
        return reply.type === 'ok' ? reply : undefined;
      }),
    ).toMatchObject({ ack: 'replica', repeat: true, score: 20 });
  });

  it('[AK4] a board that asks for more replicas than there are is refused by name', async () => {
    const board = { id: 'triple', title: 'triple', ticks: { ack: 'replica', replicas: 3 } };
    const answer = await call(server, 'POST', '/v1/admin/boards', board);
    expect(answer).toMatchObject({
      status: 400,
      body: { field: 'ticks.ack', limit: 'it has 1 of 3 replicas', fix: expect.stringContaining('2 more') },
    });
    expect((await call(server, 'GET', '/v1/boards/triple')).status).toBe(404);
  });
});

it('[AK6] a Redis that went back in time, or began anew, proves nothing for what was before', async () => {
  await redis.config('SET', 'appendfsync', 'no');
  const waiting = wire.ask(tick('synced', 300));
  await until('the wait is under way', async () =>
    /name=photofinish-ack-aof .*cmd=waitaof/.exec(String(await redis.client('LIST'))),
  );
  const joined = wire.ask(tick('synced', 301));
  await until('the second tick is applied', async () => {
    const { entries } = await must(server, 'GET', '/v1/boards/synced/top');
    return entries[0].score >= 2_070;
  });
  await redis.flushall();
  await redis.config('SET', 'appendfsync', 'always');
  await waiting;
  expect(await joined).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
});

it('[AK1] boards of every ack agree with Postgres after all that', async () => {
  for (const board of ['fast', 'synced', 'copied'])
    await assertAgreement(server, board, seasons[board] ?? '');
});
