/** What the tests of the local services share: both kinds behind one shape, and parents that can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterEach } from 'vitest';
import { startLocalPostgres } from '../../server/src/local/local-postgres.ts';
import { startLocalRedis } from '../../server/src/local/local-redis.ts';
import { startOf } from '../../server/src/local/process-table.ts';
import type { LocalService } from '../../server/src/local/service.ts';
import { redisCacheDir, temporaryFolder } from './services.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const LOCAL = new URL('../../server/src/local/', import.meta.url);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanups.splice(0).reverse()) await end();
});

/** Ends the value when the test is over, the last one first. */
export const cleanup = <T>(value: T, end: (value: T) => unknown): T => {
  cleanups.push(() => end(value));
  return value;
};

export const newFolder = (): string => cleanup(temporaryFolder(), (folder) => folder.remove()).path;

export const withSql = async <T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> => {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  return work(sql).finally(() => sql.end({ timeout: 1 }));
};

export const withRedis = async <T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> => {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  const refusals: Error[] = [];
  redis.on('error', (error: Error) => refusals.push(error));
  await redis.connect().catch((error: unknown) => {
    throw refusals[0] ?? error;
  });
  return work(redis).finally(() => redis.disconnect());
};

export interface Kind {
  name: 'PostgreSQL' | 'Redis';
  instead: string;
  module: string;
  options(folder: string): object;
  start(folder: string): Promise<LocalService>;
  write(url: string, value: string): Promise<void>;
  read(url: string): Promise<string[]>;
}

export const postgresKind: Kind = {
  name: 'PostgreSQL',
  instead: 'DATABASE_URL',
  module: 'local-postgres.ts',
  options: (dataDir) => ({ dataDir }),
  start: (dataDir) => startLocalPostgres({ dataDir }),
  write: (url, value) =>
    withSql(url, async (sql) => {
      await sql`create table if not exists kept (value text)`;
      await sql`insert into kept values (${value})`;
    }),
  read: (url) =>
    withSql(url, async (sql) => (await sql`select value from kept`).map((row) => String(row['value']))),
};

export const redisKind: Kind = {
  name: 'Redis',
  instead: 'REDIS_URL',
  module: 'local-redis.ts',
  options: (dataDir) => ({ dataDir, cacheDir: redisCacheDir }),
  start: (dataDir) => startLocalRedis({ dataDir, cacheDir: redisCacheDir }),
  write: (url, value) =>
    withRedis(url, async (redis) => {
      await redis.rpush('kept', value);
    }),
  read: (url) => withRedis(url, (redis) => redis.lrange('kept', 0, -1)),
};

export const start = async (kind: Kind, folder: string): Promise<LocalService> =>
  cleanup(await kind.start(folder), (service) => service.stop());

export const refusal = (starting: Promise<unknown>): Promise<string> =>
  starting.then(
    () => 'it started',
    (error: Error) => error.message,
  );

/** Runs a module of source text in a Node of its own. */
export const node = (script: string, env: NodeJS.ProcessEnv = process.env): ChildProcess =>
  cleanup(
    spawn(process.execPath, ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
    (child) => child.kill('SIGKILL'),
  );

export const outputOf = async (child: ChildProcess): Promise<{ code: number | null; stdout: string }> => {
  const stdout: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk.toString()));
  child.stderr?.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout.join('') };
};

/** Starts the service, says where it is, and then does `afterwards`. */
export const parentScript = (kind: Kind, folder: string, afterwards: string): string => `
  const module = await import(${JSON.stringify(new URL(kind.module, LOCAL).href)});
  const start = module.startLocalPostgres ?? module.startLocalRedis;
  const { url, pid, port } = await start(${JSON.stringify(kind.options(folder))});
  console.log(JSON.stringify({ url, pid, port }));
  ${afterwards}`;

export type Address = Pick<LocalService, 'url' | 'pid' | 'port'>;

/** A service whose parent is another process, which goes on until killed. */
export async function startInParent(
  kind: Kind,
  folder: string,
): Promise<{ parent: ChildProcess; service: Address }> {
  const parent = node(parentScript(kind, folder, 'setInterval(() => {}, 1000);'));
  const [line] = (await once(parent.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const service = JSON.parse(line.toString()) as Address;
  cleanup(service.pid, (pid) => startOf(pid) !== undefined && process.kill(pid, 'SIGKILL'));
  return { parent, service };
}

/** A service that holds one value, and whose parent was killed after the value was acknowledged. */
export async function leftover(kind: Kind, folder: string, value: string): Promise<Address> {
  const { parent, service } = await startInParent(kind, folder);
  await kind.write(service.url, value);
  const gone = once(parent, 'exit');
  parent.kill('SIGKILL');
  await gone;
  return service;
}
