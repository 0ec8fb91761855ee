/** Baseline: the server of the tutorials, one ZSET and two awaited commands per score. */
import { Redis } from 'ioredis';
import { serve } from '../served.ts';
import { listen } from './ws-baseline.ts';

serve({
  start: async ({ redisUrl, key }: { redisUrl: string; key: string }) => {
    const redis = new Redis(redisUrl);
    const { url } = await listen((socket) => {
      socket.on('message', async (data) => {
        const { id, player, score } = JSON.parse(data.toString());
        await redis.zadd(key, score, player);
        const rank = await redis.zrevrank(key, player);
        socket.send(JSON.stringify({ type: 'ok', id, rank: (rank ?? 0) + 1, score }));
      });
    });
    return { url };
  },
});
