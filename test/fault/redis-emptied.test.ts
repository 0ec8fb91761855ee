/** Redis loses all of its memory while servers live on, as by FLUSHALL, a new empty Redis, or one without a disk. */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { assertAgreement, snapshotRows } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedis } from '../support/services.ts';
import { openWire, type Wire } from '../support/wire.ts';

const running: ServerProcess[] = [];
const services: FreshService[] = [];
afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
  for (const service of services.splice(0)) await service.remove();
});

async function start(): Promise<{ server: ServerProcess; redis: Redis }> {
  const service = await freshRedis();
  services.push(service);
  const server = await startServer({ redisUrl: service.url });
  running.push(server);
  return { server, redis: new Redis(service.url) };
}

const metric = async (server: ServerProcess, name: string): Promise<number> => {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  );
};

/** Sends the same again until it is answered `ok`: what every writer does. */
async function insist(wire: Wire, tick: Record<string, unknown>): Promise<void> {
  await until('an ack', async () => (await wire.ask(tick)).type === 'ok');
}

describe('FLUSHALL under load with a server alive', () => {
  it('[RE1] loses no acked tick, and [RE2] counts no delta twice', async () => {
    const { server, redis } = await start();
    const rules = { ticks: { maxPerSecond: 10_000 }, flush: { intervalMs: 400 } };
    await must(server, 'POST', '/v1/admin/boards', { id: 'best', title: 'B', kind: 'open', ...rules });
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: 'sum', title: 'S', kind: 'open', operator: 'sum' },
      ...rules,
    });
    await must(server, 'POST', '/v1/admin/boards', { id: 'match', title: 'M', operator: 'latest', ...rules });
    const host = await openWire(server.url, await server.token('server', 'host'));
    const { match } = await host.ok({ type: 'match.start', board: 'match' });
    const players = Array.from({ length: 20 }, (_, i) => `p${i}`);
    const sent = new Map(players.map((player) => [player, 0]));
    let acks = 0;
    let enough = false;
    const play = async (player: string) => {
      for (let n = 1; !enough; n++) {
        await Promise.all([
          insist(host, { type: 'tick', board: 'best', player, score: n, seq: n }),
          insist(host, { type: 'tick', board: 'sum', player, delta: 1, seq: n }),
          insist(host, { type: 'tick', match, player, score: 1_000 - n, seq: n }),
        ]);
        sent.set(player, n);
        acks += 3;
      }
    };
    const all = Promise.all(players.map(play));
    for (let loss = 1; loss <= 3; loss++) {
      const before = acks;
      await until('some hundred acks', () => acks > before + 600);
      await redis.flushall();
    }
    const before = acks;
    await until('acks after the last loss', () => acks > before + 300);
    enough = true;
    await all;
    for (const board of ['best', 'sum', 'match']) {
      const { entries = [], season } = await host.ok({ type: 'rank', board, players });
      for (const { player, score } of entries) {
        const n = sent.get(player) ?? 0;
        expect(score, `${board} ${player}`).toBe(board === 'match' ? 1_000 - n : n);
      }
      await assertAgreement(server, board, String(season));
    }
    expect(await metric(server, 'photofinish_tick_redo_total{outcome="applied"}')).toBeGreaterThan(0);
    expect(await metric(server, 'photofinish_tick_redo_total{outcome="lost"}')).toBe(0);
    redis.disconnect();
    host.close();
  });

  it('[BA5] a barrier right after it waits until what was lost is applied again and committed', async () => {
    const { server, redis } = await start();
    const flush = { intervalMs: 600_000 };
    await must(server, 'POST', '/v1/admin/boards', { id: 'fsync', title: 'F', kind: 'open', flush });
    const host = await openWire(server.url, await server.token('server', 'host'));
    for (const player of ['ada', 'bob']) await host.ok({ type: 'tick', board: 'fsync', player, score: 3 });
    await redis.flushall();
    const { season } = await host.ok({ type: 'barrier', board: 'fsync' });
    const rows = await snapshotRows(server.databaseUrl, String(season));
    expect(rows.map(({ player, score }) => [player, score])).toEqual([
      ['ada', 3],
      ['bob', 3],
    ]);
    redis.disconnect();
    host.close();
  });

  it('[RE11] an admin who flushes right after it, or stops the server, finds it all committed', async () => {
    const { server, redis } = await start();
    const flush = { intervalMs: 600_000 };
    await must(server, 'POST', '/v1/admin/boards', { id: 'asked', title: 'A', kind: 'open', flush });
    const host = await openWire(server.url, await server.token('server', 'host'));
    const { season } = await host.ok({ type: 'top', board: 'asked' });
    const stored = async () =>
      (await snapshotRows(server.databaseUrl, String(season)))
        .map(({ player, score }) => [player, score])
        .sort();
    await host.ok({ type: 'tick', board: 'asked', player: 'ada', score: 3 });
    await redis.flushall();
    await must(server, 'POST', `/v1/admin/seasons/${season}/flush`);
    expect(await stored()).toEqual([['ada', 3]]);
    await host.ok({ type: 'tick', board: 'asked', player: 'bob', score: 4 });
    await redis.flushall();
    expect(await server.kill('SIGTERM')).toBe(0);
    expect(await stored()).toEqual([
      ['ada', 3],
      ['bob', 4],
    ]);
    redis.disconnect();
    host.close();
  });

  it('[RE3] ranks are right again although no tick comes, with the time at which each score was reached', async () => {
    const { server, redis } = await start();
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: 'quiet', title: 'Q', kind: 'open', flush: { intervalMs: 600_000 } },
    });
    const host = await openWire(server.url, await server.token('server', 'host'));
    for (const player of ['first', 'second', 'third'])
      await host.ok({ type: 'tick', board: 'quiet', player, score: 7 });
    const before = await host.ok({ type: 'top', board: 'quiet' });
    await redis.flushall();
    await until(
      'redone',
      async () => (await metric(server, 'photofinish_tick_redo_total{outcome="applied"}')) === 3,
    );
    const after = await host.ok({ type: 'top', board: 'quiet' });
    expect(after.entries).toEqual(before.entries);
    expect(after['epoch']).toBeGreaterThan(Number(before['epoch']));
    await assertAgreement(server, 'quiet', String(after.season));
    await until(
      'nothing kept once flushed',
      async () => (await metric(server, 'photofinish_tick_redo_kept_ticks')) === 0,
    );
    redis.disconnect();
    host.close();
  });
});
