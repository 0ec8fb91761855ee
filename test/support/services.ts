/** Real databases for tests. As vitest's globalSetup: one PostgreSQL and one Redis for the whole run, or those that
 *  TEST_DATABASE_URL and TEST_REDIS_URL name. For tests: an empty database of their own, a Redis that they may break. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { startLocalPostgres } from '../../server/src/local/local-postgres.ts';
import { startLocalRedis } from '../../server/src/local/local-redis.ts';
import { runningProcesses, startOf } from '../../server/src/local/process-table.ts';
import type { LocalService } from '../../server/src/local/service.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser's address of the run's PostgreSQL: hand it to `freshDatabase`, and leave its own database empty. */
    postgresUrl: string;
    /** The run's Redis, shared by all test files: keep to boards of your own, and never flush it. */
    redisUrl: string;
  }
}

/** Where the project keeps a fetched Redis. */
export const redisCacheDir = fileURLToPath(new URL('../../.cache/redis', import.meta.url));

const FOLDER = 'photofinish-test-';

/** A folder that other accounts may enter, as PostgreSQL's must when the tests run as root. Its name says whose it is. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`)));
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Ends the databases of test runs that were killed, and removes their folders. */
export function sweepKilledRuns(): void {
  const abandoned = readdirSync(tmpdir())
    .filter(
      (name) =>
        name.startsWith(FOLDER) && startOf(Number.parseInt(name.slice(FOLDER.length), 10)) === undefined,
    )
    .map((name) => join(tmpdir(), name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.());
  for (const path of abandoned) {
    for (const { pid, commandLine } of runningProcesses()) {
      const isDatabase = /^\S*(postgres -D|(redis|valkey)-server) /.test(commandLine);
      if (isDatabase && commandLine.includes(` ${path}/`)) process.kill(pid, 'SIGKILL');
    }
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface RunServices {
  users: number;
  started: Promise<{ postgresUrl: string; redisUrl: string; stop: () => Promise<void> }>;
}

/** vitest runs a globalSetup once per project, each in a module graph of its own; the services are for all of them. */
const shared = globalThis as typeof globalThis & { photofinishTestServices?: RunServices };

async function startServices(): RunServices['started'] {
  sweepKilledRuns();
  const folder = temporaryFolder();
  const [databaseUrl, redisUrl] = [process.env['TEST_DATABASE_URL'], process.env['TEST_REDIS_URL']];
  const starting = [
    databaseUrl ? undefined : startLocalPostgres({ dataDir: join(folder.path, 'postgres') }),
    redisUrl ? undefined : startLocalRedis({ dataDir: join(folder.path, 'redis'), cacheDir: redisCacheDir }),
  ] as const;
  const stop = async (): Promise<void> => {
    const services = await Promise.allSettled(starting);
    await Promise.all(
      services.map((service) => (service.status === 'fulfilled' ? service.value?.stop() : undefined)),
    );
    folder.remove();
  };
  try {
    const [database, redis] = await Promise.all(starting);
    return {
      postgresUrl: databaseUrl || (database?.url ?? ''),
      redisUrl: redisUrl || (redis?.url ?? ''),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Project {
  provide(key: 'postgresUrl' | 'redisUrl', value: string): void;
}

export default async function setup(project: Project): Promise<() => Promise<void>> {
  shared.photofinishTestServices ??= { users: 0, started: startServices() };
  const services = shared.photofinishTestServices;
  services.users += 1;
  const { postgresUrl, redisUrl, stop } = await services.started;
  project.provide('postgresUrl', postgresUrl);
  project.provide('redisUrl', redisUrl);
  return async () => {
    services.users -= 1;
    if (services.users > 0) return;
    delete shared.photofinishTestServices;
    await stop();
  };
}

export interface FreshDatabase {
  url: string;
  /** Disconnects whoever is still in it. */
  drop(): Promise<void>;
}

/** An empty database with a name of its own. Its default collation is a language's, not bytes, as on many servers in the
 *  field: a query that forgets `COLLATE "C"` shows up here. */
export async function freshDatabase(baseUrl: string): Promise<FreshDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const run = async (statement: string): Promise<void> => {
    const sql = postgres(baseUrl, { max: 1, onnotice: () => {} });
    await sql.unsafe(statement).finally(() => sql.end({ timeout: 5 }));
  };
  await run(
    `create database ${name} template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US' locale 'C'`,
  );
  const url = new URL(baseUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`drop database if exists ${name} with (force)`) };
}

/** A service of one test's own. Its address stays the same over `restart`. */
export interface FreshService {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now or ran last. */
  readonly pid: number;
  /** In order, data kept. */
  stop(): Promise<void>;
  /** `kill -9`, and waits until it is gone; data stay as they were on disk. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port, ending it in order first if it runs. */
  restart(): Promise<void>;
  /** Ends it and removes its data. For afterEach. */
  remove(): Promise<void>;
}

async function freshService(start: (folder: string) => Promise<LocalService>): Promise<FreshService> {
  const folder = temporaryFolder();
  let service = await start(folder.path).catch((error: unknown) => {
    folder.remove();
    throw error;
  });
  const { url, port } = service;
  return {
    url,
    port,
    get pid() {
      return service.pid;
    },
    stop: () => service.stop(),
    kill: async () => {
      process.kill(service.pid, 'SIGKILL');
      await service.stop();
    },
    restart: async () => {
      await service.stop();
      service = await start(folder.path);
      if (service.port !== port) throw new Error(`port ${port} was taken while the service was down`);
    },
    remove: async () => {
      await service.stop();
      folder.remove();
    },
  };
}

/** A private Redis. `settings` replace lines of its redis.conf, for a Redis that is set up wrong. */
export const freshRedis = (settings: Readonly<Record<string, string>> = {}): Promise<FreshService> =>
  freshService((dataDir) => startLocalRedis({ dataDir, cacheDir: redisCacheDir, settings }));

/** The same with a program that has `WAITAOF`; `npm test` leaves its tests out where none can be had. */
export const freshRedisWithWaitAof = (
  settings: Readonly<Record<string, string>> = {},
): Promise<FreshService> =>
  freshService((dataDir) => startLocalRedis({ dataDir, cacheDir: redisCacheDir, settings, waitAof: true }));

/** A private PostgreSQL, about half a second to start: for tests that kill or stop the server itself. */
export const freshPostgres = (): Promise<FreshService> =>
  freshService((dataDir) => startLocalPostgres({ dataDir }));
