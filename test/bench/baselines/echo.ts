/** Baseline: a bare `ws` echo. */
import { serve } from '../served.ts';
import { listen } from './ws-baseline.ts';

export const methods = serve({
  start: async (_: object) => {
    const { url } = await listen((socket) => {
      socket.on('message', (data) => socket.send(data, { binary: false }));
    });
    return { url };
  },
});

export type WsMethods = { start: (of: object) => Promise<{ url: string }> };
