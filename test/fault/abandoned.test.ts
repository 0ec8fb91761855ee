/** A match whose server dies, or whose Redis is away when it is given up. */
import { afterEach, it } from 'vitest';
import { must } from '../support/admin.ts';
import { assertAgreement, snapshotRows } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedis } from '../support/services.ts';
import { openWire } from '../support/wire.ts';

const running: ServerProcess[] = [];
let redis: FreshService;
afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
  await redis.remove();
});

const started = async (options: Parameters<typeof startServer>[0]) => {
  const server = await startServer(options);
  running.push(server);
  return server;
};
const BOARD = { id: 'arena', title: 'Arena', flush: { intervalMs: 100 }, matches: { timeoutMs: 1_000 } };
const entriesOf = async (server: ServerProcess) =>
  (await must(server, 'GET', '/v1/boards/arena/top')).entries as { player: string }[];
const isAbandoned = async (server: ServerProcess, match: unknown) =>
  (await must(server, 'GET', `/v1/admin/matches/${match}`)).abandoned === true;

it('[AB5] a match whose server was killed is abandoned by the next one, with ticks that nobody had reported', async () => {
  redis = await freshRedis();
  const first = await started({ redisUrl: redis.url });
  await must(first, 'POST', '/v1/admin/boards', BOARD);
  const host = await openWire(first.url, await first.token('server', 'host'));
  const { match, season } = await host.ok({ type: 'match.start', board: 'arena' });
  await host.ok({ type: 'tick', match, player: 'ann', score: 5, seq: 1 });
  await host.ok({ type: 'final', match, player: 'bob', score: 3 });
  await first.kill();
  const next = await started(first);
  await until('abandoned', () => isAbandoned(next, match));
  await until('bob alone', async () => (await entriesOf(next)).map(({ player }) => player).join() === 'bob');
  await assertAgreement(next, 'arena', String(season));
});

it('[AB5] a match that is abandoned while Redis is away is dropped when it is back', async () => {
  redis = await freshRedis();
  const server = await started({ redisUrl: redis.url });
  await must(server, 'POST', '/v1/admin/boards', BOARD);
  const host = await openWire(server.url, await server.token('server', 'host'));
  const { match, season } = await host.ok({ type: 'match.start', board: 'arena' });
  await host.ok({ type: 'tick', match, player: 'ann', score: 5, seq: 1 });
  await redis.kill();
  await until('abandoned', () => isAbandoned(server, match));
  await redis.restart();
  await until('nobody', async () => {
    const { source, entries } = await must(server, 'GET', '/v1/boards/arena/top');
    return source === 'live' && entries.length === 0;
  });
  await until(
    'the snapshot follows',
    async () => (await snapshotRows(server.databaseUrl, String(season))).length === 0,
  );
  host.close();
});
