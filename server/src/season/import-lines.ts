/** Lines of an import, out of chunks of bytes as they come: never more in memory than one chunk and one line. */
import { Fault } from '@photofinish/shared/protocol/errors';

/** Far more than a row needs. A body without line ends is refused here instead of being gathered. */
export const LINE_BYTES_MAX = 4_096;

const LINE_END = 10;

/** @throws Fault INVALID_REQUEST for a line that is too long */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = new Uint8Array(0);
  for await (const chunk of body) {
    const end = chunk.lastIndexOf(LINE_END);
    const open = end === -1 ? chunk : chunk.subarray(end + 1);
    if (end === -1) {
      rest = joined(rest, open);
    } else {
      const whole = decoder.decode(joined(rest, chunk.subarray(0, end)));
      rest = open.slice();
      yield whole.split('\n');
    }
    if (rest.length > LINE_BYTES_MAX) throw tooLong();
  }
  if (rest.length > 0) yield [decoder.decode(rest)];
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

const tooLong = (): Fault =>
  new Fault('INVALID_REQUEST', `line: longer than ${LINE_BYTES_MAX} bytes; end each row with a line feed`, {
    field: 'line',
    limit: `${LINE_BYTES_MAX} bytes`,
    fix: 'end each row with a line feed',
  });
