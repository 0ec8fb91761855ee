/** What a first command needs around the server: a database, a cache and a secret, all under `.data/`. `DATABASE_URL`, `REDIS_URL` and
 *  `JWT_SECRET` are used instead where they are set. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '../postgres/migrate.ts';
import { startLocalPostgres } from './local-postgres.ts';
import { startLocalRedis } from './local-redis.ts';
import { type LocalService, LocalServiceError } from './service.ts';

export const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Stack {
  /** DATABASE_URL, REDIS_URL and JWT_SECRET: for the server, the simulator and `npm run token`. */
  env: { DATABASE_URL: string; REDIS_URL: string; JWT_SECRET: string };
  /** A file of the same, readable by its owner only, to be sourced in another terminal. */
  envFile: string;
  stop(): Promise<void>;
}

/** Starts what is missing and applies the migrations. `say` gets one line per step. */
export async function startStack(say: (line: string) => void, env: NodeJS.ProcessEnv): Promise<Stack> {
  const dataDir = join(PROJECT_ROOT, '.data');
  const services: LocalService[] = [];
  const stop = async () => {
    for (const service of services.splice(0).reverse()) await service.stop();
  };
  try {
    const databaseUrl =
      env['DATABASE_URL'] ??
      (await started('PostgreSQL', startLocalPostgres({ dataDir: join(dataDir, 'postgres') })));
    const redisUrl =
      env['REDIS_URL'] ??
      (await started(
        'Redis',
        startLocalRedis({ dataDir: join(dataDir, 'redis'), cacheDir: join(PROJECT_ROOT, '.cache', 'redis') }),
      ));
    const { applied } = await migrated(databaseUrl, env['DATABASE_URL'] !== undefined);
    say(applied.length === 0 ? 'Schema is up to date' : `Schema: applied ${applied.join(', ')}`);
    const values = {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      JWT_SECRET: env['JWT_SECRET'] ?? ownSecret(dataDir),
    };
    return { env: values, envFile: writeEnvFile(dataDir, values), stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function started(name: string, starting: Promise<LocalService>): Promise<string> {
    const startedAt = performance.now();
    const service = await starting;
    services.push(service);
    say(`${name} is up on port ${service.port} (${Math.round(performance.now() - startedAt)} ms)`);
    return service.url;
  }
}

/** An address that was sourced for an earlier run may name a database that is gone. */
async function migrated(url: string, isGiven: boolean): Promise<{ applied: string[] }> {
  try {
    return await migrate(url);
  } catch (error) {
    if (!isGiven) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new LocalServiceError(
      `DATABASE_URL is set, but its database cannot be used: ${why}\nTo use a database of our own: unset DATABASE_URL REDIS_URL`,
      { cause: error },
    );
  }
}

/** Made once and kept, so that a token minted for one run works in the next. */
function ownSecret(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'jwt-secret');
  try {
    writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}

function writeEnvFile(dataDir: string, values: Record<string, string>): string {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'env');
  const lines = Object.entries(values).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  return file;
}
