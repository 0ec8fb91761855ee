/** WebSocket framing for a client that must cost less than the server that it measures. Text only, never fragmented. */

/** Not zero: a server may skip the unmasking of a zero mask, and would be spared work that real clients cause. */
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;

const TEXT = 0x81;
const OPCODE = 0x0f;
const PING = 0x9;
const PONG = 0x8a;
const CLOSE = 0x8;
const MASKED = 0x80;
/** Lengths that stand in the second byte say that the real one follows in 2 or 8 bytes. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;

export const frameBytes = (text: string): number => text.length + (text.length < LENGTH_16 ? 6 : 8);

/** Writes a masked text frame of ASCII text. @returns where the next one goes */
export function putFrame(into: Buffer, at: number, text: string): number {
  const { length } = text;
  let to = at;
  into[to++] = TEXT;
  if (length < LENGTH_16) into[to++] = MASKED | length;
  else {
    into[to++] = MASKED | LENGTH_16;
    into[to++] = length >> 8;
    into[to++] = length & 0xff;
  }
  into[to] = MASK[0];
  into[to + 1] = MASK[1];
  into[to + 2] = MASK[2];
  into[to + 3] = MASK[3];
  to += 4;
  const end = to + into.write(text, to, 'latin1');
  let i = to;
  for (const whole = end - 3; i < whole; i += 4) {
    into[i] = (into[i] as number) ^ MASK[0];
    into[i + 1] = (into[i + 1] as number) ^ MASK[1];
    into[i + 2] = (into[i + 2] as number) ^ MASK[2];
    into[i + 3] = (into[i + 3] as number) ^ MASK[3];
  }
  for (; i < end; i++) into[i] = (into[i] as number) ^ (MASK[(i - to) & 3] as number);
  return end;
}

const maskedControl = (head: number): Buffer => Buffer.from([head, MASKED, ...MASK]);

export const pongFrame = (): Buffer => maskedControl(PONG);

/** Takes the frames of a server out of what came. */
export class FrameReader {
  readonly #onText: (chunk: Buffer, start: number, end: number) => void;
  readonly #onPing: () => void;
  readonly #onClose: (why: string) => void;
  #rest: Buffer | undefined;

  constructor(of: {
    onText: (chunk: Buffer, start: number, end: number) => void;
    onPing: () => void;
    onClose: (why: string) => void;
  }) {
    this.#onText = of.onText;
    this.#onPing = of.onPing;
    this.#onClose = of.onClose;
  }

  take(arrived: Buffer): void {
    const chunk = this.#rest ? Buffer.concat([this.#rest, arrived]) : arrived;
    this.#rest = undefined;
    let at = 0;
    while (at < chunk.length) {
      const next = this.#frame(chunk, at);
      if (next < 0) {
        this.#rest = chunk.subarray(at);
        return;
      }
      at = next;
    }
  }

  /** @returns where the next frame begins, -1 when this one is not whole yet */
  #frame(chunk: Buffer, at: number): number {
    if (chunk.length - at < 2) return -1;
    let length = (chunk[at + 1] as number) & 0x7f;
    let start = at + 2;
    if (length === LENGTH_16) {
      if (chunk.length < at + 4) return -1;
      length = chunk.readUInt16BE(at + 2);
      start = at + 4;
    } else if (length === LENGTH_64) {
      if (chunk.length < at + 10) return -1;
      length = Number(chunk.readBigUInt64BE(at + 2));
      start = at + 10;
    }
    const end = start + length;
    if (chunk.length < end) return -1;
    const opcode = (chunk[at] as number) & OPCODE;
    if (opcode === 1) this.#onText(chunk, start, end);
    else if (opcode === PING) this.#onPing();
    else if (opcode === CLOSE)
      this.#onClose(
        length < 2 ? 'no reason' : `${chunk.readUInt16BE(start)} ${chunk.toString('latin1', start + 2, end)}`,
      );
    return end;
  }
}
