/** Alerts of what mends itself: told once, to the webhook of an operator, and taken back when it is over. */
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterEach, describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedis } from '../support/services.ts';
import { type Receiver, startReceiver } from '../support/webhook-receiver.ts';
import { openWire } from '../support/wire.ts';

const SECRET = 'a shared secret of some length';
const running: { stop(): Promise<unknown> }[] = [];
const services: FreshService[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
  for (const service of services.splice(0)) await service.remove();
});

async function start(env: Record<string, string> = {}): Promise<{
  server: ServerProcess;
  redis: FreshService;
  receiver: Receiver;
  told: (alert: string) => string[];
}> {
  const receiver = await startReceiver(SECRET);
  running.push(receiver);
  const redis = await freshRedis();
  services.push(redis);
  const server = await startServer({
    redisUrl: redis.url,
    env: { ALERT_WEBHOOK_URL: receiver.url, ALERT_WEBHOOK_SECRET: SECRET, ...env },
  });
  running.push(server);
  const told = (alert: string) =>
    receiver.notices.filter((notice) => notice.alert === alert).map(({ type }) => type);
  return { server, redis, receiver, told };
}

describe('alerts of what mends itself', () => {
  it('[AL7] a Redis that lost ticks is told once, and cleared when they are committed', async () => {
    const { server, redis, receiver, told } = await start();
    const boards = ['one', 'two'];
    for (const id of boards)
      await must(server, 'POST', '/v1/admin/boards', {
        ...{ id, title: id, kind: 'open', flush: { intervalMs: 600_000 } },
      });
    const host = await openWire(server.url, await server.token('server', 'host'));
    const seasons: string[] = [];
    for (const board of boards) {
      await host.ok({ type: 'tick', board, player: 'ada', score: 3 });
      seasons.push(String((await host.ok({ type: 'top', board })).season));
    }
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await until('redone', async () => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return text.includes('photofinish_tick_redo_total{outcome="applied"} 2');
    });
    await until('the alert', () => told('redo-used').length > 0);
    expect(receiver.notices.find(({ alert }) => alert === 'redo-used')?.detail).toMatchObject({
      applied: 1,
      lost: 0,
    });
    await must(server, 'POST', `/v1/admin/seasons/${seasons[0]}/flush`);
    await must(server, 'POST', `/v1/admin/seasons/${seasons[1]}/flush`);
    await until('the clear', () => told('redo-used').length > 1);
    expect(told('redo-used')).toEqual(['alert.raised', 'alert.cleared']);
    host.close();
  });

  it('[AL8] drift is told once, mended, and cleared when a whole comparison finds none', async () => {
    const { server, receiver, told } = await start({ RECONCILE_INTERVAL_MS: '1000' });
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: 'drifting', title: 'D', kind: 'open', flush: { intervalMs: 100 } },
    });
    const host = await openWire(server.url, await server.token('server', 'host'));
    for (const player of ['ada', 'bob', 'cleo'])
      await host.ok({ type: 'tick', board: 'drifting', player, score: 3 });
    const { season } = await host.ok({ type: 'barrier', board: 'drifting' });
    const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
    await sql`update snapshot_entries set score = 77 where player in ('ada', 'bob')`;
    await until('told and cleared', () => told('drift-found').length >= 2, 30_000);
    expect(told('drift-found')).toEqual(['alert.raised', 'alert.cleared']);
    expect(receiver.notices.find(({ alert }) => alert === 'drift-found')).toMatchObject({
      subject: season,
      detail: { drifted: 2 },
    });
    const rows = await sql`select score from snapshot_entries order by player`;
    expect(rows.map(({ score }) => Number(score))).toEqual([3, 3, 3]);
    await sql.end();
    host.close();
  });
});
