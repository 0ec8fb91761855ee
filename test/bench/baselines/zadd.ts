/** Baseline: one ZADD per entry, pipelined. */
import { Redis } from 'ioredis';
import { firstScore, playerId } from '../players.ts';
import { serve } from '../served.ts';

const KEY = 'bench:zadd';
const PIPELINE = 1_000;

export const methods = serve({
  async run({ redisUrl, entries }: { redisUrl: string; entries: number }): Promise<{ perSecond: number }> {
    const redis = new Redis(redisUrl);
    const players = Array.from({ length: entries }, (_, number) => playerId(number));
    await redis.unlink(KEY);
    const startedAt = performance.now();
    let underWay: Promise<unknown> = Promise.resolve();
    for (let first = 0; first < entries; first += PIPELINE) {
      const pipeline = redis.pipeline();
      const end = Math.min(entries, first + PIPELINE);
      for (let number = first; number < end; number++)
        pipeline.zadd(KEY, firstScore(number), players[number] as string);
      const sent = pipeline.exec();
      await underWay;
      underWay = sent;
    }
    await underWay;
    const ms = performance.now() - startedAt;
    if ((await redis.zcard(KEY)) !== entries) throw new Error('not every entry was added');
    await redis.unlink(KEY);
    redis.disconnect();
    return { perSecond: (entries * 1_000) / ms };
  },
});

export type ZaddMethods = typeof methods;
