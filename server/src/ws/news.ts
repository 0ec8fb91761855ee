/** One piece of news for many subscribers. Most are the first subscription of their connection, so that the document differs in nothing
 *  from one to the next: it is put together, encoded and framed once per subscription number, and the same bytes go to every socket.
 *  A frame of a server carries no mask. A loop of `ws.send` with one string encodes and frames it for each socket again (`fanout`). */

const TEXT_FRAME = 0x81;
/** In the second byte of a frame: the length follows in two or in eight bytes. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;

export interface Told {
  readonly document: string;
  readonly frame: Buffer;
}

export class News {
  readonly #head: string;
  readonly #tail: string;
  readonly #told = new Map<number, Told>();

  /** @param body of the push, without `type` and `subscription` */
  constructor(type: string, body: object) {
    this.#head = `{"type":"${type}","subscription":`;
    this.#tail = `,${JSON.stringify(body).slice(1)}`;
  }

  /** As the subscription of this number on its connection is told. */
  to(subscription: number): Told {
    let told = this.#told.get(subscription);
    if (!told) {
      const document = `${this.#head}${subscription}${this.#tail}`;
      told = { document, frame: textFrame(document) };
      this.#told.set(subscription, told);
    }
    return told;
  }
}

export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < LENGTH_16 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = TEXT_FRAME;
  if (start === 2) frame[1] = length;
  else if (start === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, start);
  return frame;
}
