/** Bytes that grow as they are written. A build packs thousands of entries into one of these: a Buffer of its own for each part of each
 *  entry, and an argument for each, cost most of a rebuild (`rebuild`). Little-endian, as scripts/entry.lua reads. */

import { writeDigits } from '@photofinish/shared/domain/digits';
import { STAMP_MAX, STAMP_WIDTH } from '@photofinish/shared/domain/order';

export class ByteWriter {
  #bytes: Buffer;
  #at = 0;

  /** @param size as much as is expected: more makes it grow */
  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  /** What was written. Nothing may be written afterwards. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#bytes.writeUInt32LE(value, at);
  }

  u48(value: number): void {
    const at = this.#room(6);
    this.#bytes.writeUIntLE(value, at, 6);
  }

  f64(value: number): void {
    const at = this.#room(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  /** @throws RangeError outside what a stamp holds */
  stamp(ms: number): void {
    if (!Number.isInteger(ms) || ms < 0 || ms > STAMP_MAX)
      throw new RangeError(`a stamp takes whole milliseconds from 0 to ${STAMP_MAX}, not ${ms}`);
    const at = this.#room(STAMP_WIDTH);
    writeDigits(this.#bytes, at, ms, STAMP_WIDTH);
  }

  /** ASCII; short texts are copied faster here than by a call of the runtime. */
  text(text: string): void {
    const at = this.#room(text.length);
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  }

  /** Its length (u8) and the ASCII text. @throws RangeError for one of more than 255 characters */
  short(text: string): void {
    if (text.length > 255)
      throw new RangeError(`a short text has at most 255 characters, not ${text.length}`);
    this.u8(text.length);
    this.text(text);
  }

  /** Its length in bytes (u16) and the text. */
  long(text: string): void {
    const length = Buffer.byteLength(text);
    const at = this.#room(2 + length);
    this.#bytes.writeUInt16LE(length, at);
    this.#bytes.write(text, at + 2, 'utf8');
  }

  /** Leaves a place for a u32 and writes there the length of what `write` writes. */
  counted(write: () => void): void {
    const at = this.#room(4);
    write();
    this.#bytes.writeUInt32LE(this.#at - at - 4, at);
  }

  /** @returns where the next `length` bytes go; `#bytes` may be another one afterwards, so it is read after this */
  #room(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) {
      const bytes = Buffer.allocUnsafe(2 * this.#at);
      this.#bytes.copy(bytes, 0, 0, at);
      this.#bytes = bytes;
    }
    return at;
  }
}
