/** The connections to Redis and Postgres that a server has: opened in the background, checked at start (startup.ts). Ticks and the
 *  flusher have one to Redis each, so that a large page delays no tick; what proves acks opens its own as it needs them. */
import type { Config } from './config.ts';
import type { Log } from './observe/log.ts';
import { openPostgres } from './postgres/connections.ts';
import { RedisAckProver } from './redis/ack-prover.ts';
import { openRedis } from './redis/connections.ts';

export function openConnections(config: Config, log: Log) {
  const redis = (name: string, commandTimeoutMs = config.redisTimeoutMs) =>
    openRedis({ url: config.redisUrl, commandTimeoutMs, name, log });
  const ticksRedis = redis('ticks');
  const flushRedis = redis('flusher');
  const postgres = openPostgres({
    url: config.databaseUrl,
    max: config.databaseConnectionsMax,
    statementTimeoutMs: config.databaseTimeoutMs,
    name: 'photofinish',
    log,
  });
  const prover = new RedisAckProver({
    redis: flushRedis,
    url: config.redisUrl,
    commandTimeoutMs: config.redisTimeoutMs,
    timeoutMs: config.ackTimeoutMs,
    log,
  });
  return { ticksRedis, flushRedis, postgres, prover };
}
