import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { migrate } from '../../server/src/postgres/migrate.ts';
import { must } from '../support/admin.ts';
import { assertAgreement } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshPostgres } from '../support/services.ts';
import { startReceiver } from '../support/webhook-receiver.ts';
import { type Document, openWire } from '../support/wire.ts';

/** Linux: what the process has in memory. */
const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;

const running: { stop: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop();
});

async function setUp(
  env: Record<string, string> = {},
): Promise<{ database: FreshService; server: ServerProcess }> {
  const database = await freshPostgres();
  running.push({ stop: () => database.remove() });
  await migrate(database.url);
  const server = await startServer({ databaseUrl: database.url, env });
  running.push(server);
  return { database, server };
}

describe('Postgres goes away under load', () => {
  it('[FL7] ticks go on, finals are refused at once as retryable, and all is flushed when it is back', async () => {
    const { database, server } = await setUp();
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: 'arena', title: 'Arena' },
      flush: { intervalMs: 200 },
    });
    const host = await openWire(server.url, await server.token('server', 'host'));
    const { match, season } = await host.ok({ type: 'match.start', board: 'arena' });
    await host.ok({ type: 'tick', match, player: 'p0', score: 1 });
    await database.stop();
    const tick = (i: number) => host.ok({ type: 'tick', match, player: `p${i % 40}`, score: i });
    let sent = 0;
    for (; sent < 200; sent++) await tick(sent);
    const final = () => host.ask({ type: 'final', match, player: 'p1', score: 5_000 });
    await until('the breaker', () => server.logs().includes('postgres cannot be used; writes wait for it'));
    const askedAt = performance.now();
    const refused = await final();
    expect(refused).toMatchObject({ type: 'error', code: 'UNAVAILABLE', retryable: true });
    expect(refused['retryAfterMs']).toBeGreaterThan(0);
    expect(performance.now() - askedAt).toBeLessThan(500);
    for (; sent < 400; sent++) await tick(sent);
    await database.restart();
    await until('a final that is taken', async () => (await final()).type === 'ok', 30_000);
    await assertAgreement(server, 'arena', String(season));
    host.close();
  });

  it('[BA6] the window and the durability of a season are answered meanwhile, with the last watermark', async () => {
    const { database, server } = await setUp({ REDO_TICKS_MAX: '1000' });
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: 'open', title: 'Open', kind: 'open', flush: { intervalMs: 100 } },
    });
    const host = await openWire(server.url, await server.token('server', 'host'));
    await host.ok({ type: 'tick', board: 'open', player: 'p0', score: 1 });
    const { season, watermark } = await host.ok({ type: 'barrier', board: 'open' });
    await until('seen', async () => (await must(server, 'GET', `/v1/seasons/${season}/window`)).dirty === 0);
    await database.stop();
    for (let i = 0; i < 1_010; i++) await host.ok({ type: 'tick', board: 'open', player: `p${i}`, score: 2 });
    const askedAt = performance.now();
    const window = await must(server, 'GET', `/v1/seasons/${season}/window`);
    expect(window).toMatchObject({ dirty: 1_010, watermark });
    expect(window.oldestDirtyMs).toBeGreaterThan(0);
    const { atRisk, ...durability } = await must(server, 'GET', `/v1/seasons/${season}/durability`);
    expect(durability).toMatchObject({ dirty: 1_010, watermark, redoTicks: 1_000, redoForgotten: 10 });
    expect(atRisk.map(({ entries }: { entries: number }) => entries)).toEqual([0, 10, 1_010, 0]);
    expect(performance.now() - askedAt).toBeLessThan(5_000);
    await database.restart();
    await until(
      'all committed',
      async () => (await must(server, 'GET', `/v1/seasons/${season}/durability`)).redoForgotten === 0,
      30_000,
    );
    // What was forgotten came first; the rest takes a flush more.
    await until(
      'nothing dirty',
      async () => (await must(server, 'GET', `/v1/seasons/${season}/window`)).dirty === 0,
    );
    host.close();
  });

  it('[PR4] dirty entries and memory stay bounded at full rate, and afterwards all is flushed', async () => {
    const { database, server } = await setUp();
    const dirtyLimit = 400;
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: 'open', title: 'Open', kind: 'open', ticks: { maxPerSecond: 10_000 } },
      flush: { intervalMs: 200, dirtyBackground: 200, dirtyLimit },
    });
    const { season } = await must(server, 'GET', '/v1/boards/open/top');
    const host = await openWire(server.url, await server.token('server', 'host'));
    const acked = new Map<string, number>();
    const refused = new Map<string, Document>();
    let score = 0;
    const send = async (from: number, to: number) => {
      score++;
      const ticks = Array.from({ length: to - from }, (_, i) => ({ player: `p${from + i}`, score }));
      const { results } = await host.ok({ type: 'ticks', board: 'open', ticks });
      for (const result of results as (Document & { player: string })[])
        if (result['error']) refused.set(result.player, result['error'] as Document);
        else acked.set(result.player, score);
    };
    await send(0, 50);
    await database.stop();
    await until('an outage noticed', () => server.logs().includes('flush failed'));
    const bytesBefore = residentBytes(server.pid);
    const stopAt = performance.now() + 4_000;
    // Many more players than may be dirty, over and over.
    while (performance.now() < stopAt)
      for (let from = 0; from < 2_000; from += 200) await send(from, from + 200);
    expect(acked.size).toBeLessThanOrEqual(50 + dirtyLimit);
    expect([...refused.values()][0]).toMatchObject({
      code: 'OVERLOADED',
      retryable: true,
      retryAfterMs: 1_000,
    });
    expect(residentBytes(server.pid) - bytesBefore).toBeLessThan(100 * 1024 * 1024);
    // Those that are dirty go on.
    await send(60, 70);
    expect([...acked.values()].filter((at) => at === score)).toHaveLength(10);
    await database.restart();
    const window = () => must(server, 'GET', `/v1/seasons/${season}/window`);
    await until('nothing dirty', async () => (await window()).dirty === 0, 30_000);
    refused.clear();
    await send(1_000, 1_200);
    expect([...refused.keys()]).toEqual([]);
    await assertAgreement(server, 'open', season);
    host.close();
  });

  it('[AL6] one alert is told, and one clear when it is back; [AL3] the window is shown meanwhile and has an alert of its own', async () => {
    const secret = 'a shared secret of some length';
    const receiver = await startReceiver(secret);
    running.push(receiver);
    const { database, server } = await setUp({
      ...{ ALERT_WEBHOOK_URL: receiver.url, ALERT_WEBHOOK_SECRET: secret },
    });
    for (const id of ['one', 'two'])
      await must(server, 'POST', '/v1/admin/boards', {
        ...{ id, title: id, kind: 'open', flush: { intervalMs: 100, windowLimitMs: 1_500 } },
      });
    const host = await openWire(server.url, await server.token('server', 'host'));
    let score = 0;
    const play = async () => {
      score++;
      for (const board of ['one', 'two']) await host.ok({ type: 'tick', board, player: 'p', score });
    };
    await play();
    const told = (alert: string) =>
      receiver.notices.filter((notice) => notice.alert === alert).map(({ type }) => type);
    const metric = async (name: string) => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1],
      );
    };
    await database.stop();
    await until('both alerts', async () => {
      await play();
      return told('flush-failing').length > 0 && told('window-past-limit').length > 0;
    });
    expect(await metric('photofinish_alert_active{alert="flush-failing"}')).toBe(1);
    expect(await metric('photofinish_flush_oldest_dirty_seconds')).toBeGreaterThan(1.5);
    await database.restart();
    const cleared = async () => {
      await play();
      return told('flush-failing').length > 1 && told('window-past-limit').length > 1;
    };
    await until('both cleared', cleared, 40_000);
    for (const alert of ['flush-failing', 'window-past-limit'])
      expect(told(alert), alert).toEqual(['alert.raised', 'alert.cleared']);
    expect(await metric('photofinish_alert_active{alert="flush-failing"}')).toBe(0);
    expect(await metric('photofinish_alerts_raised_total{alert="flush-failing"}')).toBe(1);
    host.close();
  });
});
