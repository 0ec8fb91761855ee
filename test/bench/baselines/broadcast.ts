/** Baseline: one string to every connection, in a loop of `ws.send`. */
import type { WebSocket } from 'ws';
import { serve } from '../served.ts';
import { listen } from './ws-baseline.ts';

const sockets = new Set<WebSocket>();
let timer: NodeJS.Timeout | undefined;

export const methods = serve({
  start: async (_: object) => {
    const { url } = await listen((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    return { url };
  },

  begin({ everyMs, characters }: { everyMs: number; characters: number }): void {
    let sent = 0;
    timer = setInterval(() => {
      const text = `${sent++} `.padEnd(characters, 'x');
      for (const socket of sockets) socket.send(text);
    }, everyMs);
  },

  stop(_: object): void {
    clearInterval(timer);
  },
});

export type BroadcastMethods = typeof methods;
