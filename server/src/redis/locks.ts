/** Locks that end by themselves: the rebuild's. */
import type { Redis } from 'ioredis';
import { run, script } from './script.ts';

const HOLD = script('hold-lock', { keys: ['lock'], args: ['owner', 'ttlMs'], writes: true });
const KEEP = script('keep-lock', { keys: ['lock'], args: ['owner', 'ttlMs'], writes: true });
const DROP = script('drop-lock', { keys: ['lock'], args: ['owner'], writes: true });

/** True while `owner` holds it; asking again prolongs it. */
export const holdLock = async (
  redis: Redis,
  lock: string,
  { owner, ttlMs }: { owner: string; ttlMs: number },
): Promise<boolean> => (await run(redis, HOLD, { keys: { lock }, args: { owner, ttlMs } })) === 1;

/** Prolongs it. False when the owner does not hold it (any more): it is not taken. */
export const keepLock = async (
  redis: Redis,
  lock: string,
  { owner, ttlMs }: { owner: string; ttlMs: number },
): Promise<boolean> => (await run(redis, KEEP, { keys: { lock }, args: { owner, ttlMs } })) === 1;

/** Leaves a lock alone that another owner has taken meanwhile. */
export const dropLock = async (redis: Redis, lock: string, owner: string): Promise<void> => {
  await run(redis, DROP, { keys: { lock }, args: { owner } });
};
