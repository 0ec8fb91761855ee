/** WebSocket text frames as a server sends them: whole, in one piece, without a mask.
 *
 *  A library writes the head and the text of a frame by themselves, and encodes the text anew for each connection. One write of a frame in one
 *  piece costs two thirds of that (`fanout`, `ack.single`). */

const TEXT = 0x81;
/** In the second byte of a frame: the length follows in two or in eight bytes. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const LENGTH_16_MAX = 65_535;

/** The bytes of a frame, to be sent to many. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < LENGTH_16 ? 2 : length <= LENGTH_16_MAX ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = TEXT;
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

/** The frame as text whose characters are its bytes, to be written once as `latin1`: that needs no Buffer.
 *  @returns undefined where it cannot be: text that is not ASCII, or too long for a short head */
export function asciiFrame(text: string): string | undefined {
  const { length } = text;
  if (length > LENGTH_16_MAX || Buffer.byteLength(text) !== length) return undefined;
  const head =
    length < LENGTH_16
      ? String.fromCharCode(TEXT, length)
      : String.fromCharCode(TEXT, LENGTH_16, length >> 8, length & 0xff);
  return head + text;
}
