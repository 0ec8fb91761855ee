/** One piece of news for many subscribers. Most are the first subscription of their connection, so that the document differs in nothing
 *  from one to the next: it is put together, encoded and framed once per subscription number, and the same bytes go to every socket.
 *  A loop of `ws.send` with one string encodes and frames it for each socket again (`fanout`). */
import { textFrame } from './text-frame.ts';

export interface Told {
  readonly document: string;
  readonly frame: Buffer;
}

export class News {
  readonly #head: string;
  readonly #tail: string;
  readonly #told = new Map<number, Told>();
  #last: Told | undefined;
  #lastNumber = 0;

  /** @param body of the push, without `type` and `subscription` */
  constructor(type: string, body: object) {
    this.#head = `{"type":"${type}","subscription":`;
    this.#tail = `,${JSON.stringify(body).slice(1)}`;
  }

  /** As the subscription of this number on its connection is told. */
  to(subscription: number): Told {
    if (this.#last && subscription === this.#lastNumber) return this.#last;
    let told = this.#told.get(subscription);
    if (!told) {
      const document = `${this.#head}${subscription}${this.#tail}`;
      told = { document, frame: textFrame(document) };
      this.#told.set(subscription, told);
    }
    this.#lastNumber = subscription;
    this.#last = told;
    return told;
  }
}
