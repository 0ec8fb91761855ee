/** What the SDK takes from the world around it: sockets, timers, a clock, chance. All of it can be given, so that tests and
 *  Node programs without a global WebSocket decide themselves. */

/** The part of a WebSocket that the SDK uses; browsers', Node's and `ws` sockets all fit. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface Surroundings {
  openSocket: (url: string, protocols: string[]) => Socket;
  /** Milliseconds since the Unix epoch. */
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  setTimer: (run: () => void, ms: number) => unknown;
  clearTimer: (timer: unknown) => void;
}

type SocketConstructor = new (url: string, protocols: string[]) => Socket;

export const SURROUNDINGS: Surroundings = {
  openSocket: (url, protocols) => {
    const { WebSocket } = globalThis as unknown as { WebSocket?: SocketConstructor };
    if (!WebSocket)
      throw new TypeError(
        'no global WebSocket here: give the openSocket option, as (url, protocols) => new WebSocket(url, protocols) of the ws package',
      );
    return new WebSocket(url, protocols);
  },
  now: () => Date.now(),
  random: () => Math.random(),
  setTimer: (run, ms) => setTimeout(run, ms),
  clearTimer: (timer) => clearTimeout(timer as Parameters<typeof clearTimeout>[0]),
};

/** The HTTP status of a refused upgrade. Only the `ws` package tells it, in an error's text; a browser tells nobody. */
export function refusalStatus(errorEvent: unknown): number | undefined {
  const message = (errorEvent as { message?: unknown }).message;
  const status = typeof message === 'string' ? /server response: (\d{3})$/.exec(message)?.[1] : undefined;
  return status === undefined ? undefined : Number(status);
}
