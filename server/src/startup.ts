/** What must hold of Redis and Postgres before a server may answer for scores: else it refuses to start, and says what to set. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Redis } from 'ioredis';
import type { StartupGuarantee } from './board/guarantee.ts';
import type { Config } from './config.ts';
import type { Log } from './observe/log.ts';
import type { Postgres } from './postgres/connections.ts';
import { checkSchema, durabilityProblems } from './postgres/schema-check.ts';
import { redisReady } from './redis/connections.ts';
import { checkRedis } from './redis/startup-check.ts';

const REDIS_READY_MS = 10_000;

interface Starting {
  config: Config;
  log: Log;
  guarantee: StartupGuarantee;
}

export async function assertRedis(starting: Starting, ticks: Redis, flush: Redis): Promise<void> {
  const { facts, problems } = await reached('REDIS_URL', async () => {
    await Promise.all([redisReady(ticks, REDIS_READY_MS), redisReady(flush, REDIS_READY_MS)]);
    return checkRedis(ticks);
  });
  starting.log.info(facts, 'redis checked');
  refuse('Redis', problems, starting);
}

export async function assertPostgres(starting: Starting, postgres: Postgres): Promise<void> {
  await reached('DATABASE_URL', () => checkSchema(postgres));
  const problems = await durabilityProblems(postgres);
  refuse(
    'Postgres',
    problems.map((problem) => ({ problem, fix: undefined })),
    starting,
  );
}

/** Says which address could not be used and why, in place of what a client of a running server is told. */
async function reached<T>(variable: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(`${variable}: what it names cannot be used: ${cause}`, { cause: error });
  }
}

/** What is acknowledged would be less safe than the acknowledgement says. @throws Error unless ACCEPT_LOSS is true */
function refuse(
  what: string,
  problems: readonly { problem: string; fix: string | undefined }[],
  { config, log, guarantee }: Starting,
): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ problem, fix }) => (fix === undefined ? problem : `${problem}: ${fix}`));
  if (!config.acceptLoss)
    throw new Error(
      `${what} may lose acknowledged scores:\n${lines.map((line) => `  ${line}`).join('\n')}\nMend it, or set ACCEPT_LOSS=true to start all the same.`,
    );
  guarantee.accept(problems.map(({ problem }) => problem));
  log.warn({ what, problems: lines }, 'started with ACCEPT_LOSS: acknowledged scores may be lost');
}
