/** The primary dies, and a replica that lagged takes its address over: it lacks what was acked last. */
import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { assertAgreement } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { startServer } from '../support/server.ts';
import { freshRedis } from '../support/services.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { openWire, type Wire } from '../support/wire.ts';

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

const PLAYERS = Array.from({ length: 25 }, (_, i) => `p${i}`);
const BOARDS = [
  { id: 'best', kind: 'open' },
  { id: 'sum', kind: 'open', operator: 'sum' },
  { id: 'latest', kind: 'open', operator: 'latest' },
] as const;

const insist = (wire: Wire, tick: Record<string, unknown>) =>
  until('an ack', async () => (await wire.ask(tick)).type === 'ok', 30_000);

const round = (host: Wire, n: number) =>
  Promise.all(
    PLAYERS.flatMap((player) => [
      insist(host, { type: 'tick', board: 'best', player, score: n, seq: n }),
      insist(host, { type: 'tick', board: 'sum', player, delta: 1, seq: n }),
      insist(host, { type: 'tick', board: 'latest', player, score: 1_000 - n, seq: n }),
    ]),
  );

/** A primary with a replica, and an address that leads to whichever is in charge. */
async function pair() {
  const [primary, replica] = [await freshRedis(), await freshRedis()];
  endings.push(
    () => primary.remove(),
    () => replica.remove(),
  );
  const [link, address] = [await TcpProxy.inFrontOf(primary.port), await TcpProxy.inFrontOf(primary.port)];
  endings.push(
    () => link.stop(),
    () => address.stop(),
  );
  const { password } = new URL(primary.url);
  const [atPrimary, atReplica] = [new Redis(primary.url), new Redis(replica.url)];
  for (const client of [atPrimary, atReplica]) client.on('error', () => undefined);
  endings.push(async () => [atPrimary, atReplica].map((client) => client.disconnect()));
  await atReplica.config('SET', 'masterauth', decodeURIComponent(password));
  await atReplica.config('SET', 'requirepass', decodeURIComponent(password));
  await atReplica.replicaof('127.0.0.1', link.port);
  const has = async (client: Redis): Promise<string> =>
    /(?:master|slave)_repl_offset:(\d+)/.exec(await client.info('replication'))?.[1] ?? '';
  return {
    url: address.through(primary.url),
    inStep: () =>
      until('the replica in step', async () => (await has(atPrimary)) === (await has(atReplica)), 30_000),
    lag: () => link.halfOpen(),
    async failOver() {
      expect(Number(await has(atReplica)), 'the replica lags').toBeLessThan(Number(await has(atPrimary)));
      await primary.kill();
      await atReplica.replicaof('NO', 'ONE');
      address.moveTo(replica.port);
    },
  };
}

it('[RB8] a replica that lagged takes over: nothing that was acked is lost, and no delta counts twice', async () => {
  const redis = await pair();
  const server = await startServer({ redisUrl: redis.url, env: { REDIS_TIMEOUT_MS: '1000' } });
  endings.push(() => server.stop());
  const seasons: string[] = [];
  for (const board of BOARDS) {
    const rules = { title: board.id, flush: { intervalMs: 600_000 }, ticks: { maxPerSecond: 1_000 } };
    await must(server, 'POST', '/v1/admin/boards', { ...board, ...rules });
    seasons.push((await must(server, 'GET', `/v1/boards/${board.id}/seasons`)).seasons[0].id);
  }
  const host = await openWire(server.url, await server.token('server', 'host'));
  endings.push(async () => host.close());
  for (const n of [1, 2]) await round(host, n);
  for (const season of seasons) await must(server, 'POST', `/v1/admin/seasons/${season}/flush`);
  await round(host, 3);
  await redis.inStep();
  redis.lag();
  for (const n of [4, 5]) await round(host, n);
  await redis.failOver();
  await round(host, 6);
  for (const { id } of BOARDS) {
    const { entries = [], season } = await host.ok({ type: 'rank', board: id, players: PLAYERS });
    const scores = entries.map(({ score }) => score);
    expect(scores, id).toEqual(PLAYERS.map(() => (id === 'latest' ? 994 : 6)));
    await assertAgreement(server, id, String(season));
  }
});
