/** Redis and the server that answered die together: only the clients still know what they were acked. */
import { Client } from '@photofinish/shared/client/client';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from '../../server/src/local/free-port.ts';
import { must } from '../support/admin.ts';
import { assertAgreement, snapshotRows } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedis } from '../support/services.ts';

const running: { stop(): Promise<unknown> }[] = [];
const services: FreshService[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
  for (const service of services.splice(0)) await service.remove();
});

const PLAYERS = Array.from({ length: 30 }, (_, i) => `p${i}`);
const BOARDS = [
  { id: 'best', kind: 'open' },
  { id: 'latest', kind: 'open', operator: 'latest' },
  { id: 'sum', kind: 'open', operator: 'sum' },
  { id: 'arena', kind: 'match', operator: 'latest' },
] as const;

async function connect(server: ServerProcess, sub: string): Promise<Client> {
  const client = new Client({
    url: `${server.url.replace('http', 'ws')}/v1/ws`,
    token: await server.token('server', sub),
    requestTimeoutMs: 60_000,
    openSocket: (url, protocols) => new WebSocket(url, protocols),
  });
  running.push({ stop: async () => client.close() });
  return client;
}

describe('Redis is emptied and its server killed', () => {
  it('[SDK13] the clients bring back what they were acked: nothing is lost, and no delta counts twice', async () => {
    const redis = await freshRedis();
    services.push(redis);
    const first = await startServer({
      redisUrl: redis.url,
      env: { PORT: String(await freePort(undefined)) },
    });
    running.push(first);
    for (const board of BOARDS)
      await must(first, 'POST', '/v1/admin/boards', {
        ...{ ...board, title: board.id, ticks: { maxPerSecond: 10_000 } },
        flush: { intervalMs: 600_000 },
      });
    const clients = await Promise.all(['one', 'two', 'three'].map((sub) => connect(first, sub)));
    const host = (i: number) => clients[i % clients.length] as Client;
    const { match } = await host(0).matchStart('arena');
    const play = (round: number) =>
      Promise.all(
        PLAYERS.flatMap((player, i) => [
          host(i).tick({ board: 'best', player, score: 100 + (round % 3) }),
          host(i).tick({ board: 'latest', player, score: 100 - round }),
          host(i).tick({ board: 'sum', player, delta: round }),
          host(i).tick({ match, player, score: 7 * round }),
        ]),
      );
    for (let round = 1; round <= 3; round++) await play(round);
    for (const { id } of BOARDS) await host(0).barrier({ board: id });
    await until('the clients know of it', () => clients.every((client) => client.redo?.kept === 0));
    for (let round = 4; round <= 7; round++) await play(round);
    expect(clients.reduce((sum, client) => sum + (client.redo?.kept ?? 0), 0)).toBe(PLAYERS.length * 7);

    const admin = new Redis(redis.url);
    await first.kill('SIGKILL');
    await admin.flushall();
    admin.disconnect();
    const { databaseUrl, jwtSecret, url } = first;
    const second = await startServer({
      ...{ redisUrl: redis.url, databaseUrl, jwtSecret },
      env: { PORT: new URL(url).port },
    });
    running.push(second);
    await play(8);

    const seasons = new Map<string, string>();
    for (const { id } of BOARDS) seasons.set(id, (await host(0).barrier({ board: id })).season);
    const scores = async (board: string) =>
      (await snapshotRows(databaseUrl, seasons.get(board) ?? '')).map(({ score }) => Number(score));
    const all = (score: number) => PLAYERS.map(() => score);
    expect(await scores('best')).toEqual(all(102));
    expect(await scores('latest')).toEqual(all(92));
    expect(await scores('sum')).toEqual(all(36));
    expect(await scores('arena')).toEqual(all(56));
    for (const [board, season] of seasons) await assertAgreement(second, board, season);
    const counts = clients.map((client) => client.redo);
    expect(counts.reduce((sum, count) => sum + (count?.applied ?? 0), 0)).toBeGreaterThan(PLAYERS.length);
    for (const count of counts) expect(count).toMatchObject({ lost: 0, dropped: 0 });
    await until('committed for the clients too', () => clients.every((client) => client.redo?.kept === 0));
  });
});
