/** What is checked of Redis and Postgres at start: a part of the composition root. */
import type { Redis } from 'ioredis';
import type { Config } from './config.ts';
import type { Log } from './observe/log.ts';
import type { Postgres } from './postgres/connections.ts';
import { checkSchema, durabilityProblems } from './postgres/schema-check.ts';
import { redisReady } from './redis/connections.ts';
import { checkRedis } from './redis/startup-check.ts';

const REDIS_READY_MS = 10_000;

export async function redisParts(config: Config, ticks: Redis, flush: Redis, log: Log): Promise<void> {
  await Promise.all([redisReady(ticks, REDIS_READY_MS), redisReady(flush, REDIS_READY_MS)]);
  const { facts, problems } = await checkRedis(ticks);
  log.info(facts, 'redis checked');
  refuse(
    'Redis',
    problems.map(({ problem, fix }) => `${problem}: ${fix}`),
    { config, log },
  );
}

export async function postgresParts(postgres: Postgres, config: Config, log: Log): Promise<void> {
  await checkSchema(postgres);
  refuse('Postgres', await durabilityProblems(postgres), { config, log });
}

/** What is acknowledged would be less safe than the acknowledgement says. @throws Error unless ACCEPT_LOSS is true */
function refuse(
  what: string,
  problems: readonly string[],
  { config, log }: { config: Config; log: Log },
): void {
  if (problems.length === 0) return;
  if (!config.acceptLoss)
    throw new Error(
      `${what} may lose acknowledged scores:\n${problems.map((problem) => `  ${problem}`).join('\n')}\nMend it, or set ACCEPT_LOSS=true to start all the same.`,
    );
  log.warn({ what, problems }, 'started with ACCEPT_LOSS: acknowledged scores may be lost');
}
