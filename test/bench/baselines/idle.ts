/** Baseline: bare `ws` connections that do nothing. */
import { serve } from '../served.ts';
import { listen } from './ws-baseline.ts';

export const methods = serve({
  start: async (_: object) => {
    const { url } = await listen((socket) => {
      socket.on('message', () => undefined);
    });
    return { url };
  },

  /** Bytes in use, after a collection. */
  memory(_: object): number {
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
});

export type IdleMethods = typeof methods;
