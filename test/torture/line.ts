/** One WebSocket of a writer that survives everything: a request is sent again, unchanged, to whichever server answers, until it has an
 *  answer that is not "try again". So every request ends as acknowledged, refused for good, or open when the time is up. */
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Document } from '../support/wire.ts';

/** Longer than most pauses, so that late answers are seen too; shorter than a run. */
const ANSWER_WITHIN_MS = 3_000;
const AGAIN_MS = 60;

export interface Door {
  /** Where the server listens now; undefined while it is down. */
  readonly url: string | undefined;
}

export class Line {
  readonly #doors: readonly Door[];
  readonly #token: string;
  #next: number;
  #socket: WebSocket | undefined;
  #ids = 0;
  /** Answers that asked for a resend, by code, and those that did not come. */
  readonly again = new Map<string, number>();

  constructor(doors: readonly Door[], token: string, first: number) {
    this.#doors = doors;
    this.#token = token;
    this.#next = first;
  }

  /** @returns the answer, `ok` or an error that stays; undefined when there was none by the deadline */
  async ask(request: Record<string, unknown>, deadline: number): Promise<Document | undefined> {
    while (performance.now() < deadline) {
      const reply = await this.#once(request);
      if (reply && (reply.type === 'ok' || reply['retryable'] !== true)) return reply;
      if (!reply) this.close();
      const code = reply?.code ?? 'no answer';
      this.again.set(code, (this.again.get(code) ?? 0) + 1);
      await delay(AGAIN_MS);
    }
    return undefined;
  }

  close(): void {
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  async #once(request: Record<string, unknown>): Promise<Document | undefined> {
    const socket = this.#socket?.readyState === WebSocket.OPEN ? this.#socket : await this.#open();
    if (!socket) return undefined;
    const id = ++this.#ids;
    return new Promise((resolve) => {
      const settle = (reply: Document | undefined) => {
        clearTimeout(late);
        socket.off('close', lost).off('message', heard);
        resolve(reply);
      };
      const lost = () => settle(undefined);
      const heard = (data: unknown) => {
        for (const text of String(data).split('\n')) {
          const document = JSON.parse(text) as Document;
          if (document.id === id) settle(document);
        }
      };
      const late = setTimeout(lost, ANSWER_WITHIN_MS);
      socket.on('close', lost).on('message', heard);
      socket.send(JSON.stringify({ ...request, id }));
    });
  }

  async #open(): Promise<WebSocket | undefined> {
    const door = this.#doors[this.#next++ % this.#doors.length];
    if (!door?.url) return undefined;
    const socket = new WebSocket(`${door.url.replace(/^http/, 'ws')}/v1/ws`, 'photofinish.v1.json', {
      headers: { authorization: `Bearer ${this.#token}` },
      handshakeTimeout: ANSWER_WITHIN_MS,
    });
    this.#socket = socket;
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      socket.once('open', () => resolve(socket));
      socket.once('close', () => resolve(undefined));
    });
  }
}
