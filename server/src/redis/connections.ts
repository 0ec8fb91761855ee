/** Connections to Redis that neither keep commands for later nor send any of them twice.
 *
 *  What ioredis does by default, and what it cost when it was tried: commands of a lost connection are sent again (an
 *  increment counted twice), commands without a connection queue up in memory (213 MB for 200,000 ticks), and a Redis
 *  that hangs leaves its commands pending for ever. Ticks and the flusher have a connection each, so that reading a large
 *  page delays no tick in the socket. */
import { Redis } from 'ioredis';
import type { Log } from '../observe/log.ts';
import { unavailable } from './faults.ts';

/** The first reconnect is quick, for a Redis that restarts in milliseconds; the last ones leave a dead one in peace. */
const RECONNECT_MS_MIN = 50;
const RECONNECT_MS_MAX = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 10_000;

export interface RedisSettings {
  url: string;
  /** Past it a command's outcome is unknown. */
  commandTimeoutMs: number;
  /** Shown by CLIENT LIST and in the log: `ticks`, `flusher`. */
  name: string;
  log: Log;
  /** From 0 to 1, spreads the reconnects of many servers. */
  random?: () => number;
}

/** Connects in the background, and again for as long as it takes; commands fail at once while it is down.
 *  Ends with `disconnect()`. */
export function openRedis({ url, commandTimeoutMs, name, log, random = Math.random }: RedisSettings): Redis {
  const redis = new Redis(url, {
    connectionName: `photofinish-${name}`,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // Commands of a lost connection fail when it is lost, not some reconnects later.
    maxRetriesPerRequest: 0,
    enableAutoPipelining: false,
    commandTimeout: commandTimeoutMs,
    // A peer that vanished without a word is found by its silence; the kernel would take a quarter of an hour.
    socketTimeout: 2 * commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAlive: KEEP_ALIVE_MS,
    retryStrategy: (attempt) => reconnectDelay(attempt, random()),
  });
  let lost = false;
  redis.on('ready', () => {
    log.info({ connection: name }, lost ? 'redis connection is back' : 'redis connected');
    lost = false;
  });
  redis.on('close', () => {
    if (!lost && redis.status !== 'end')
      log.warn({ connection: name }, 'redis connection lost; reconnecting');
    lost = true;
  });
  redis.on('error', (error: Error) =>
    log.debug({ connection: name, err: error.message }, 'redis connection error'),
  );
  return redis;
}

/** Doubles from the least to the most, and takes off up to half of it. `attempt` is 1-based. */
export function reconnectDelay(attempt: number, random: number): number {
  const longest = Math.min(RECONNECT_MS_MAX, RECONNECT_MS_MIN * 2 ** Math.min(attempt - 1, 16));
  return Math.round(longest * (1 - random / 2));
}

/** Resolves when commands can be sent. @throws Fault UNAVAILABLE past the deadline */
export function redisReady(redis: Redis, deadlineMs: number): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    let last = '';
    const settle = (end: () => void) => {
      clearTimeout(timer);
      redis.off('ready', ready).off('error', failed);
      end();
    };
    const ready = () => settle(resolve);
    const failed = (error: Error) => {
      last = `: ${error.message}`;
    };
    const timer = setTimeout(
      () => settle(() => reject(unavailable(`no connection to Redis within ${deadlineMs} ms${last}`))),
      deadlineMs,
    );
    redis.on('ready', ready).on('error', failed);
  });
}
