/** All that is tortured: a Redis, a Postgres and two servers of our own, with a proxy before each database. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { migrate } from '../../server/src/postgres/migrate.ts';
import { type ServerProcess, signToken, spawnServer } from '../support/server-process.ts';
import { type FreshService, freshPostgres, freshRedis } from '../support/services.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { Gate } from './gate.ts';
import type { Guilt } from './guilty-queue.ts';
import type { Door } from './line.ts';

/** Short, so that a run of seconds meets every time limit of the server. */
const SERVER_ENV = {
  REDIS_TIMEOUT_MS: '1000',
  DATABASE_TIMEOUT_MS: '1500',
  FLUSH_LEASE_MS: '800',
  HTTP_REQUESTS_PER_SECOND_MAX: '10000',
  // Never within a run: what the flush loses must not be found and repaired before it is counted.
  RECONCILE_INTERVAL_MS: '86400000',
  SHUTDOWN_TIMEOUT_MS: '10000',
};

/** With `everysec` Redis answers before it writes while a background fsync runs, and a kill in that moment loses what it answered: the
 *  servers that answered bring it back. */
export type Fsync = 'always' | 'everysec';

/** What a server says that it could not bring back, of ticks that it had acknowledged. */
const LOSS = /^photofinish_tick_redo_total\{outcome="(?:lost|dropped)"\} (\d+)/gm;
const METRICS_WITHIN_MS = 2_000;

/** A server that is started again, with the same databases, after it was killed. */
export class Seat implements Door {
  readonly #start: () => Promise<ServerProcess>;
  #server: ServerProcess | undefined;
  #over = false;
  /** By servers of this seat that are gone. */
  #reportedLoss = 0;

  constructor(start: () => Promise<ServerProcess>) {
    this.#start = start;
  }

  get url(): string | undefined {
    return this.#server?.url;
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /** A server refuses to start without its databases: tried until it does. */
  async up(withinMs = 60_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!this.#server && !this.#over) {
      try {
        this.#server = await this.#start();
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(100);
      }
    }
    if (this.#over) await this.kill();
  }

  async kill(): Promise<void> {
    const server = this.#server;
    this.#reportedLoss = await this.reportedLoss();
    this.#server = undefined;
    await server?.kill('SIGKILL');
  }

  /** By all servers that ever sat here. */
  async reportedLoss(): Promise<number> {
    const url = this.#server?.url;
    if (url === undefined) return this.#reportedLoss;
    try {
      const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(METRICS_WITHIN_MS) });
      const counts = [...(await answer.text()).matchAll(LOSS)].map(([, count]) => Number(count));
      return counts.reduce((sum, count) => sum + count, this.#reportedLoss);
    } catch {
      return this.#reportedLoss;
    }
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.kill();
  }
}

export interface World {
  redis: FreshService;
  postgres: FreshService;
  redisProxy: TcpProxy;
  postgresProxy: TcpProxy;
  seats: [Seat, Seat];
  fsync: Fsync;
  /** Held by whoever takes Redis' memory, and by whoever ends a server: what both knew would be gone. */
  serversLive: Gate;
  token: ServerProcess['token'];
  remove(): Promise<void>;
}

export async function buildWorld(mutant: Guilt | undefined, fsync: Fsync): Promise<World> {
  const [redis, postgres] = await Promise.all([freshRedis({ appendfsync: fsync }), freshPostgres()]);
  await migrate(postgres.url);
  const redisProxy = await TcpProxy.inFrontOf(redis.port);
  const postgresProxy = await TcpProxy.inFrontOf(postgres.port);
  const jwtSecret = randomBytes(32).toString('hex');
  const seat = () =>
    new Seat(() =>
      spawnServer({
        databaseUrl: postgresProxy.through(postgres.url),
        redisUrl: redisProxy.through(redis.url),
        jwtSecret,
        env: mutant ? { ...SERVER_ENV, MUTANT: mutant } : SERVER_ENV,
        ...(mutant ? { entry: 'test/torture/mutant-server.ts' } : {}),
      }),
    );
  const seats: [Seat, Seat] = [seat(), seat()];
  return {
    ...{ redis, postgres, redisProxy, postgresProxy, seats, fsync, serversLive: new Gate() },
    token: (role, sub) => signToken(jwtSecret, role, sub),
    async remove() {
      await Promise.all(seats.map((one) => one.end()));
      await Promise.all([redisProxy.stop(), postgresProxy.stop()]);
      await Promise.all([redis.remove(), postgres.remove()]);
    },
  };
}
