/** What a run stands on: a Redis and a Postgres of its own, and the product on them, started anew for each experiment. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { startLocalPostgres } from '../../server/src/local/local-postgres.ts';
import { startLocalRedis } from '../../server/src/local/local-redis.ts';
import { redisBinary } from '../../server/src/local/redis-binary.ts';
import type { RedisProgram } from '../../server/src/local/redis-program.ts';
import type { LocalService } from '../../server/src/local/service.ts';
import { migrate } from '../../server/src/postgres/migrate.ts';
import { freshDatabase, redisCacheDir, sweepKilledRuns, temporaryFolder } from '../support/services.ts';
import { BenchFailure } from './failure.ts';
import { type Product, type ProductOptions, startProduct } from './product.ts';

/** What one experiment runs on: an empty Redis, and a database of its own. */
export interface World {
  redisUrl: string;
  redisPid: number;
  databaseUrl: string;
  redis: Redis;
  sql: postgres.Sql;
  product(env?: ProductOptions['env']): Promise<Product>;
  /** Runs `redis-benchmark` against the Redis. @returns requests per second */
  redisBenchmark(args: readonly string[]): number;
  /** Empties Redis and its append-only file, and drops the database. */
  end(): Promise<void>;
}

type ProductHow = Pick<ProductOptions, 'program' | 'profile'>;

/** The databases of a whole run. */
export interface Services {
  versions: { redis: string; postgres: string };
  world(): Promise<World>;
  stop(): Promise<void>;
}

/** Redis is set up as the product asks, but for the rewriting of its append-only file: it would begin in the middle of a round of one
 *  side and not of the other. */
const REDIS_SETTINGS = { 'auto-aof-rewrite-percentage': '0' };

let stopRunning: (() => Promise<void>) | undefined;

/** Of the run under way, for who is interrupted. */
export const stopServices = async (): Promise<void> => stopRunning?.();

export async function startServices(how: ProductHow): Promise<Services> {
  sweepKilledRuns();
  const folder = temporaryFolder();
  const started: LocalService[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((service) => service.stop()));
    folder.remove();
  };
  stopRunning = stop;
  try {
    const redisProgram = await redisBinary({ cacheDir: redisCacheDir });
    const dataDir = (name: string) => join(folder.path, name);
    const redis = await startLocalRedis({
      ...{ dataDir: dataDir('redis'), cacheDir: redisCacheDir, settings: REDIS_SETTINGS },
    });
    started.push(redis);
    const database = await startLocalPostgres({ dataDir: dataDir('postgres') });
    started.push(database);
    const version = await askPostgres(
      database.url,
      (sql) => sql`select current_setting('server_version') as told`,
    );
    return {
      versions: { redis: redisProgram.version, postgres: String(version[0]?.['told']) },
      world: () => buildWorld({ how, redisProgram, redis, postgresUrl: database.url }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function askPostgres<T>(url: string, ask: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await ask(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function buildWorld(of: {
  how: ProductHow;
  redisProgram: RedisProgram;
  redis: LocalService;
  postgresUrl: string;
}): Promise<World> {
  const database = await freshDatabase(of.postgresUrl);
  await migrate(database.url);
  const redis = new Redis(of.redis.url);
  const sql = postgres(database.url, { max: 2, onnotice: () => undefined });
  const urls = { redisUrl: of.redis.url, databaseUrl: database.url };
  return {
    ...urls,
    ...{ redisPid: of.redis.pid, redis, sql },
    product: (env) => startProduct({ ...urls, ...of.how, ...(env ? { env } : {}) }),
    redisBenchmark: (args) => redisBenchmark(of.redisProgram, of.redis, args),
    async end() {
      await emptied(redis);
      redis.disconnect();
      await sql.end({ timeout: 2 });
      await database.drop();
    },
  };
}

async function emptied(redis: Redis): Promise<void> {
  await redis.flushall();
  await redis.bgrewriteaof().catch(() => undefined);
  for (let looks = 0; looks < REWRITE_LOOKS; looks++) {
    if (/aof_rewrite_in_progress:0/.test(await redis.info('persistence'))) return;
    await new Promise((resolve) => setTimeout(resolve, REWRITE_LOOK_MS));
  }
}

const REWRITE_LOOKS = 500;
const REWRITE_LOOK_MS = 20;

function redisBenchmark(
  { file, libraryPath }: RedisProgram,
  { url, port }: LocalService,
  args: readonly string[],
): number {
  const program = join(dirname(file), 'redis-benchmark');
  if (!existsSync(program))
    throw new BenchFailure(
      `redis-benchmark is not beside ${file}: install the tools of that Redis (Debian: apt-get install redis-tools)`,
    );
  const password = decodeURIComponent(new URL(url).password);
  const output = execFileSync(program, ['-p', String(port), '-a', password, '--csv', ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...(libraryPath ? { LD_LIBRARY_PATH: libraryPath } : {}) },
    encoding: 'utf8',
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const rate = Number(/^"(?:ZADD|[^"]*)","([\d.]+)"/m.exec(output.replace(/^"test".*\n/, ''))?.[1]);
  if (!(rate > 0)) throw new BenchFailure(`redis-benchmark answered nothing that can be read:\n${output}`);
  return rate;
}
