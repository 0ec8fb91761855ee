/** The board's news, as the page takes it: one connection, and one subscription at a time. */
import type { BoardView } from '@photofinish/shared/client/board-view';
import { Client } from '@photofinish/shared/client/client';
import type { ConnectionState, Down } from '@photofinish/shared/client/connection';
import type { Subscription } from '@photofinish/shared/client/subscriptions';
import type { FeedConnection, WindowReading } from './live-state.ts';

export interface FeedListener {
  connection(connection: FeedConnection): void;
  view(view: BoardView): void;
  window(window: WindowReading): void;
  /** The server will not give this board. */
  fault(message: string): void;
  /** No connection was opened, this many times in a row; or (`hasExpired`) one was closed because its token ended. */
  turnedAway(times: number, hasExpired: boolean): void;
}

export class LiveFeed {
  readonly #client: Client;
  readonly #listener: FeedListener;
  #subscription: Subscription | undefined;
  #wasOpen = false;
  #refusals = 0;
  /** The server's clock minus the page's. */
  #skewMs = 0;

  constructor(rules: { url: string; token: () => Promise<string> }, listener: FeedListener) {
    this.#listener = listener;
    this.#client = new Client({
      ...rules,
      onState: (state, why) => this.#moved(state, why),
      // A dead connection must not pass for a quiet board for long.
      heartbeatMs: 8_000,
    });
  }

  /** The server's clock, as well as a ping could tell. */
  now(): number {
    return Date.now() + this.#skewMs;
  }

  follow(board: string, limit: number): void {
    this.#subscription?.close();
    const listener = this.#listener;
    this.#subscription = this.#client.subscribe(
      { board, limit },
      {
        view: (view) => listener.view(view),
        window: ({ dirty, oldestDirtyMs }) => listener.window({ dirty, oldestDirtyMs }),
        fault: (fault) => listener.fault(fault.message),
      },
    );
  }

  stop(): void {
    this.#subscription?.close();
    this.#client.close();
  }

  #moved(state: ConnectionState, why: Down | undefined): void {
    if (state === 'open') {
      this.#wasOpen = true;
      this.#refusals = 0;
      this.#listener.connection({ kind: 'live' });
      this.#readClock();
      return;
    }
    // A browser never says why an upgrade was refused: it may have been the token.
    const hasExpired = why?.code === 4401;
    if (!this.#wasOpen) this.#refusals += 1;
    if (!this.#wasOpen || hasExpired) this.#listener.turnedAway(this.#refusals, hasExpired);
    this.#wasOpen = false;
    if (state === 'waiting')
      this.#listener.connection({ kind: 'waiting', retryAt: Date.now() + (why?.retryInMs ?? 0) });
    else this.#listener.connection({ kind: 'ended', reason: why?.reason ?? '' });
  }

  #readClock(): void {
    const askedAt = Date.now();
    this.#client.ping().then(
      ({ serverTime }) => {
        this.#skewMs = serverTime - (askedAt + Date.now()) / 2;
      },
      () => {
        // The next connection asks again; until then the last skew is as good as any.
      },
    );
  }
}
