/** Redis comes back as it was some time ago: its append-only file was restored from a copy, or a replica that lagged took over. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import postgres from 'postgres';
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

/** A Redis, what copies its files, and what makes it come back as it was at the copy. */
async function restorableRedis() {
  const service = await freshRedis({ appendfsync: 'always' });
  services.push(service);
  const redis = new Redis(service.url);
  const [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
  redis.disconnect();
  const [files, copy] = [join(folder, 'appendonlydir'), join(folder, 'copy')];
  return {
    service,
    copy: () => cpSync(files, copy, { recursive: true }),
    async restore() {
      await service.kill();
      rmSync(files, { recursive: true });
      cpSync(copy, files, { recursive: true });
      await service.restart();
    },
  };
}

const start = async (options: Parameters<typeof startServer>[0]) => {
  const server = await startServer(options);
  running.push(server);
  return server;
};

const insist = (wire: Wire, tick: Record<string, unknown>) =>
  until('an ack', async () => (await wire.ask(tick)).type === 'ok');

const BOARDS = [
  { id: 'best', kind: 'open' },
  { id: 'sum', kind: 'open', operator: 'sum' },
  { id: 'latest', kind: 'open', operator: 'latest' },
];
const PLAYERS = Array.from({ length: 10 }, (_, i) => `p${i}`);

/** Each player's nth tick on every board: n-th best, one more point, and n counted down. */
const round = (host: Wire, n: number) =>
  Promise.all(
    PLAYERS.flatMap((player) => [
      insist(host, { type: 'tick', board: 'best', player, score: n, seq: n }),
      insist(host, { type: 'tick', board: 'sum', player, delta: 1, seq: n }),
      insist(host, { type: 'tick', board: 'latest', player, score: 1_000 - n, seq: n }),
    ]),
  );

async function expectRound(server: ServerProcess, host: Wire, n: number): Promise<void> {
  for (const { id } of BOARDS) {
    const { entries = [], season } = await host.ok({ type: 'rank', board: id, players: PLAYERS });
    const scores = entries.map(({ score }) => score);
    expect(scores, id).toEqual(PLAYERS.map(() => (id === 'latest' ? 1_000 - n : n)));
    await assertAgreement(server, id, String(season));
  }
}

const flushAll = async (server: ServerProcess, seasons: string[]) => {
  for (const season of seasons) await must(server, 'POST', `/v1/admin/seasons/${season}/flush`);
};

describe('a Redis that is restored to an older copy', () => {
  async function play(flushedRounds: number, rounds: number) {
    const redis = await restorableRedis();
    const server = await start({ redisUrl: redis.service.url, env: { REDIS_TIMEOUT_MS: '1000' } });
    const seasons: string[] = [];
    for (const board of BOARDS) {
      const rules = { title: board.id, flush: { intervalMs: 600_000 }, ticks: { maxPerSecond: 1_000 } };
      await must(server, 'POST', '/v1/admin/boards', { ...board, ...rules });
      seasons.push((await must(server, 'GET', `/v1/boards/${board.id}/seasons`)).seasons[0].id);
    }
    const host = await openWire(server.url, await server.token('server', 'host'));
    for (let n = 1; n <= rounds; n++) {
      await round(host, n);
      if (n === 2) redis.copy();
      if (n === flushedRounds) await flushAll(server, seasons);
    }
    return { redis, server, host, seasons };
  }

  it('[RB1] behind Postgres: nothing that was committed is overwritten, and later flushes are written', async () => {
    const { redis, server, host } = await play(5, 5);
    await redis.restore();
    await round(host, 6);
    await expectRound(server, host, 6);
    host.close();
  });

  it('[RB2] behind what a server acked and nobody flushed: redo brings it', async () => {
    const { redis, server, host } = await play(1, 5);
    await redis.restore();
    await until('redone', () => server.logs().includes('acked ticks were applied again'));
    await round(host, 6);
    await expectRound(server, host, 6);
    host.close();
  });

  it('[RB3] while every server is down: what Postgres has is merged with what only Redis has', async () => {
    const { redis, server, host, seasons } = await play(1, 2);
    host.close();
    await server.kill('SIGKILL');
    await redis.restore();
    const next = await start(server);
    await until('merged', async () => {
      const { epoch } = await must(next, 'GET', `/v1/seasons/${seasons[0]}/window`);
      return epoch === 2;
    });
    const other = await openWire(next.url, await next.token('server', 'host'));
    await expectRound(next, other, 2);
    await round(other, 3);
    await expectRound(next, other, 3);
    other.close();
  });

  it('[RB4] to an epoch before the one in Postgres: it is begun anew, and flushes are not refused for ever', async () => {
    const { redis, server, host, seasons } = await play(5, 5);
    const live = new Redis(redis.service.url);
    await live.flushall();
    live.disconnect();
    await round(host, 6);
    await flushAll(server, seasons);
    await redis.restore();
    await round(host, 7);
    await expectRound(server, host, 7);
    const sql = postgres(server.databaseUrl, { max: 1 });
    const [row] = await sql`select epoch from seasons where id = ${seasons[0] ?? ''}`;
    await sql.end();
    expect(Number(row?.['epoch'])).toBeGreaterThanOrEqual(3);
    expect(await snapshotRows(server.databaseUrl, seasons[0] ?? '')).toHaveLength(PLAYERS.length);
    host.close();
  });
});
