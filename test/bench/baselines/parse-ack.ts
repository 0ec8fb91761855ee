/** Baseline: `ws` that parses each message and acks it, and does nothing else. */
import { serve } from '../served.ts';
import { listen } from './ws-baseline.ts';

serve({
  start: async (_: object) => {
    const { url } = await listen((socket) => {
      socket.on('message', (data) => {
        const { id, score } = JSON.parse(data.toString());
        socket.send(JSON.stringify({ type: 'ok', id, rank: 1, score }));
      });
    });
    return { url };
  },
});
