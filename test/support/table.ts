/** What the rows of the fault table share: a server between proxies, one open board and one match board, and writers that remember. */
import { afterEach, expect } from 'vitest';
import { migrate } from '../../server/src/postgres/migrate.ts';
import { must } from './admin.ts';
import { assertAgreement, snapshotRows } from './agreement.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';
import { type FreshService, freshPostgres, freshRedis } from './services.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { openWire, type Wire } from './wire.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

export interface Table {
  redis: FreshService;
  postgres: FreshService;
  redisProxy: TcpProxy;
  postgresProxy: TcpProxy;
  server: ServerProcess;
  /** Another server on the same databases. */
  another(env?: Record<string, string>): Promise<ServerProcess>;
}

/** Short, so that a test meets the time limits of the server. */
const ENV = { REDIS_TIMEOUT_MS: '1000', DATABASE_TIMEOUT_MS: '1500', FLUSH_LEASE_MS: '800' };

/** With `everysec` Redis answers before it writes while a background fsync runs, and a kill in that moment loses what it answered. */
const STRICT_AOF = { appendfsync: 'always' };

export async function setTable(env: Record<string, string> = {}): Promise<Table> {
  const [redis, postgres] = await Promise.all([freshRedis(STRICT_AOF), freshPostgres()]);
  ends.push(
    () => redis.remove(),
    () => postgres.remove(),
  );
  await migrate(postgres.url);
  const redisProxy = await TcpProxy.inFrontOf(redis.port);
  const postgresProxy = await TcpProxy.inFrontOf(postgres.port);
  ends.push(
    () => redisProxy.stop(),
    () => postgresProxy.stop(),
  );
  const start = async (jwtSecret: string | undefined, more: Record<string, string>) => {
    const server = await spawnServer({
      databaseUrl: postgresProxy.through(postgres.url),
      redisUrl: redisProxy.through(redis.url),
      env: { ...ENV, ...more },
      ...(jwtSecret === undefined ? {} : { jwtSecret }),
    });
    ends.push(() => server.kill());
    return server;
  };
  const server = await start(undefined, env);
  await must(server, 'POST', '/v1/admin/boards', {
    ...{ id: 'free', title: 'Free', kind: 'open', operator: 'sum' },
    ...{ ticks: { maxPerSecond: 10_000 }, flush: { intervalMs: 100 } },
  });
  await must(server, 'POST', '/v1/admin/boards', {
    ...{ id: 'arena', title: 'Arena', operator: 'sum' },
    ...{ ticks: { maxPerSecond: 10_000 }, flush: { intervalMs: 100 } },
  });
  const another = (more = {}) => start(server.jwtSecret, { ...env, ...more });
  return { redis, postgres, redisProxy, postgresProxy, server, another };
}

export const wireOf = async (server: ServerProcess, sub = 'host'): Promise<Wire> =>
  openWire(server.url, await server.token('server', sub));

export const seasonOf = async (server: ServerProcess, board: string): Promise<string> =>
  (await must(server, 'GET', `/v1/boards/${board}/top?limit=1`)).season;

export const windowOf = async (server: ServerProcess, season: string) =>
  must(server, 'GET', `/v1/seasons/${season}/window`);

const ACKED_WITHIN_MS = 45_000;

/** Players p0, p1, … of the board `free`, each with the sum of its deltas as it was acknowledged. A refused or unanswered delta is sent
 *  again with its seq until it is acknowledged or `stop` was called. */
export class Deltas {
  readonly acked = new Map<string, number>();
  #stopped = false;
  #all: Promise<unknown> = Promise.resolve();
  /** Acknowledged so far. */
  count = 0;

  /** @param wire asked anew for every attempt, since a wire ends with its server */
  start(players: number, wire: () => Wire | undefined): this {
    const loops = Array.from({ length: players }, (_, i) => this.#play(`p${i}`, wire));
    this.#all = Promise.all(loops);
    this.#all.catch(() => undefined);
    return this;
  }

  /** No more deltas; resolves when those under way are answered. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#all;
  }

  async #play(player: string, wire: () => Wire | undefined): Promise<void> {
    for (let seq = 1; !this.#stopped; seq++) {
      const delta = (seq % 7) + 1;
      const deadline = performance.now() + ACKED_WITHIN_MS;
      for (;;) {
        if (performance.now() > deadline) throw new Error(`seq ${seq} of ${player} was never acknowledged`);
        const request = { type: 'tick', board: 'free', player, delta, seq };
        const reply = await wire()
          ?.ask(request)
          .catch(() => undefined);
        if (reply?.type === 'ok') break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      this.count++;
      this.acked.set(player, (this.acked.get(player) ?? 0) + delta);
    }
  }
}

/** Every acknowledged delta counts once: live, and in the database after a flush. */
export async function expectExact(server: ServerProcess, deltas: Deltas): Promise<void> {
  const season = await seasonOf(server, 'free');
  await assertAgreement(server, 'free', season);
  const rows = await snapshotRows(server.databaseUrl, season);
  expect(Object.fromEntries(rows.map(({ player, score }) => [player, score]))).toEqual(
    Object.fromEntries(deltas.acked),
  );
}
