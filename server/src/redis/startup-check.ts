/** What the running Redis must be set to, so that the answers of this server are true. */
import type { Redis } from 'ioredis';
import { redisFault } from './faults.ts';

const MAJOR_MIN = 7;

export interface RedisProblem {
  /** What is wrong. */
  problem: string;
  /** What to set, and where. */
  fix: string;
}

export interface RedisFacts {
  product: 'redis' | 'valkey';
  version: string;
  /** `always`, `everysec` or `no`; undefined when CONFIG is forbidden. */
  aofFsync: string | undefined;
}

export interface RedisCheck {
  facts: RedisFacts;
  /** Empty when nothing stands in the way. */
  problems: RedisProblem[];
}

/** @throws Fault UNAVAILABLE */
export async function checkRedis(redis: Redis): Promise<RedisCheck> {
  try {
    const info = parseInfo(await redis.info());
    const config = await readConfig(redis);
    const valkey = info.get('valkey_version');
    return {
      facts: {
        product: valkey ? 'valkey' : 'redis',
        version: valkey ?? info.get('redis_version') ?? 'unknown',
        aofFsync: config.get('appendfsync'),
      },
      problems: problemsOf(info, config),
    };
  } catch (error) {
    throw redisFault(error, false);
  }
}

/** INFO's `name:value` lines. */
export const parseInfo = (text: string): Map<string, string> =>
  new Map(
    text
      .split(/\r?\n/)
      .filter((line) => line.includes(':') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );

/** Empty where CONFIG is forbidden, as many hosted services do. */
async function readConfig(redis: Redis): Promise<Map<string, string>> {
  try {
    const config = new Map<string, string>();
    for (const name of ['appendonly', 'appendfsync', 'maxmemory-policy']) {
      const [, value] = (await redis.config('GET', name)) as string[];
      if (value !== undefined) config.set(name, value);
    }
    return config;
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return new Map();
    throw error;
  }
}

export function problemsOf(
  info: ReadonlyMap<string, string>,
  config: ReadonlyMap<string, string>,
): RedisProblem[] {
  const problems: RedisProblem[] = [];
  const version = info.get('redis_version') ?? 'unknown';
  if (!(Number.parseInt(version, 10) >= MAJOR_MIN))
    problems.push({
      problem: `Redis is version ${version}`,
      fix: `run Redis ${MAJOR_MIN}.0 or newer, or Valkey`,
    });
  const role = info.get('role');
  if (role !== 'master')
    problems.push({
      problem: `Redis is a replica (role ${role ?? 'unknown'})`,
      fix: 'point REDIS_URL at the primary',
    });
  // INFO tells what runs; CONFIG what was asked for, where INFO leaves it out.
  const aof = info.get('aof_enabled') ?? (config.get('appendonly') === 'yes' ? '1' : '0');
  if (aof !== '1')
    problems.push({
      problem: 'Redis keeps no append-only file: all scores since the last flush are lost when it restarts',
      fix: 'set appendonly yes (CONFIG SET appendonly yes, and in redis.conf)',
    });
  const policy = info.get('maxmemory_policy') ?? config.get('maxmemory-policy') ?? 'unknown';
  if (policy !== 'noeviction')
    problems.push({
      problem: `Redis may evict keys that are not yet in the database (maxmemory-policy ${policy})`,
      fix: 'set maxmemory-policy noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf)',
    });
  return problems;
}
