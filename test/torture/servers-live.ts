/** Taking Redis' memory costs nothing while the servers that answered live. So that this, and nothing else, is what a run tests: before it
 *  what dead servers had answered is committed, and no server dies until the living ones have brought back what they answered. */
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { must } from '../support/admin.ts';
import type { Seat, World } from './world.ts';
import { BOARDS } from './writers.ts';

const WITHIN_MS = 30_000;
const AGAIN_MS = 50;

export async function empty(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}

export const whileServersLive = (world: World, takeMemory: () => Promise<void>): Promise<void> =>
  world.serversLive.alone(async () => {
    if (!(await committed(world))) return;
    await takeMemory();
    await broughtBack(world);
  });

/** What was acknowledged before, by any server. @returns false when that did not come */
async function committed(world: World): Promise<boolean> {
  for (const deadline = performance.now() + WITHIN_MS; performance.now() < deadline; await delay(AGAIN_MS))
    for (const seat of world.seats) if (await flushed(world, seat)) return true;
  return false;
}

/** What each server that is up had answered. */
async function broughtBack(world: World): Promise<void> {
  const left = new Set(world.seats.filter(({ url }) => url !== undefined));
  for (const deadline = performance.now() + WITHIN_MS; performance.now() < deadline; await delay(AGAIN_MS)) {
    for (const seat of left) if (await flushed(world, seat)) left.delete(seat);
    if (left.size === 0) return;
  }
}

/** A flush is answered when all that was acknowledged before it is committed, what the asked server must bring back included. */
async function flushed({ token }: World, { url }: Seat): Promise<boolean> {
  if (url === undefined) return false;
  try {
    for (const { id } of Object.values(BOARDS)) {
      const { season } = await must({ url, token }, 'GET', `/v1/boards/${id}/top?limit=1`);
      await must({ url, token }, 'POST', `/v1/admin/seasons/${season}/flush`);
    }
    return true;
  } catch {
    return false;
  }
}
