/** Connections that are told a board: counts what they are told, and keeps the last of it. */
import { inWindow, type Measured, sleep, type Window } from './load.ts';
import { type ClientSocket, openSockets, type Target } from './socket.ts';

export interface Heard extends Measured {
  /** Characters of one delivery, on average. */
  characters: number;
}

const SUBSCRIBED_WITHIN_MS = 20_000;

export class Audience {
  readonly #sockets: ClientSocket[];
  readonly #last: (Buffer | undefined)[];
  answered = 0;
  failure: Error | undefined;
  #characters = 0;

  private constructor(sockets: ClientSocket[]) {
    this.#sockets = sockets;
    this.#last = new Array(sockets.length).fill(undefined);
    for (const [i, socket] of sockets.entries()) {
      socket.onText = (chunk, start, end) => {
        this.answered++;
        this.#characters += end - start;
        // Small news of its own, about once a second, says nothing about scores.
        if (!isWindow(chunk, start)) this.#last[i] = chunk.subarray(start, end);
      };
      socket.onLost = (why) => {
        this.failure ??= new Error(`a subscriber lost its connection: ${why}`);
      };
    }
  }

  /** @param of.request sent by each one; answered once before this resolves */
  static async open(of: { target: Target; count: number; request: string | undefined }): Promise<Audience> {
    const audience = new Audience(await openSockets(of.target, of.count));
    const { request } = of;
    if (request === undefined) return audience;
    for (const socket of audience.#sockets) socket.send([request]);
    const deadline = performance.now() + SUBSCRIBED_WITHIN_MS;
    while (audience.#last.includes(undefined)) {
      if (audience.failure) throw audience.failure;
      if (performance.now() > deadline) throw new Error('not every subscription was answered in time');
      await sleep(10);
    }
    return audience;
  }

  async listen(window: Window): Promise<Heard> {
    let charactersBefore = 0;
    const measured = await inWindow(this, window, () => {
      charactersBefore = this.#characters;
    });
    const characters = (this.#characters - charactersBefore) / Math.max(1, measured.answered);
    return { ...measured, characters: Math.round(characters) };
  }

  lastWords(): string[] {
    return this.#last.map((words) => words?.toString() ?? '');
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

const WINDOW = Buffer.from('{"type":"window"');

const isWindow = (chunk: Buffer, start: number): boolean =>
  chunk[start + TYPE_AT] === WINDOW[TYPE_AT] &&
  chunk.compare(WINDOW, 0, WINDOW.length, start, start + WINDOW.length) === 0;

/** The first character of a push's type. */
const TYPE_AT = WINDOW.indexOf('window');
