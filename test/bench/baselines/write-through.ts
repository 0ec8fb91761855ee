/** Baseline: the write-through server, one awaited upsert per score. */
import postgres from 'postgres';
import { serve } from '../served.ts';
import { listen } from './ws-baseline.ts';

serve({
  start: async ({ databaseUrl, connections }: { databaseUrl: string; connections: number }) => {
    const sql = postgres(databaseUrl, { max: connections, onnotice: () => undefined });
    const { url } = await listen((socket) => {
      socket.on('message', async (data) => {
        const { id, player, score } = JSON.parse(data.toString());
        await sql`
          insert into bench_scores (player, score) values (${player}, ${score})
          on conflict (player) do update set score = greatest(bench_scores.score, excluded.score)`;
        socket.send(JSON.stringify({ type: 'ok', id, score }));
      });
    });
    return { url };
  },
});
