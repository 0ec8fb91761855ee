/** Splits a text frame into its documents. */
import { Fault } from '@photofinish/shared/protocol/errors';
import { LIMITS } from '@photofinish/shared/protocol/limits';

/** Newline-separated; empty lines are passed over, so that a trailing newline does no harm.
 *  @param into gets the documents, or the fault of a frame that holds none, or more than allowed: then none of them may run */
export function documentsOf(frame: string, into: (string | Fault)[]): void {
  const before = into.length;
  let lines = 0;
  // One pass without a list in between, which each tick of a frame would be put into and taken out of (`ack.frame16`).
  for (let start = 0; start < frame.length; ) {
    const newline = frame.indexOf('\n', start);
    const end = newline < 0 ? frame.length : newline;
    // Twice the limit leaves room for an empty line between documents, and bounds the work on a frame of newlines.
    if (++lines > 2 * MAX || into.length - before > MAX) break;
    if (end > start && !(end === start + 1 && frame.charCodeAt(start) === CARRIAGE_RETURN))
      into.push(frame.slice(start, end));
    start = end + 1;
  }
  const documents = into.length - before;
  if (documents > 0 && documents <= MAX && lines <= 2 * MAX) return;
  into.length = before;
  into.push(documents === 0 && lines <= 2 * MAX ? noDocument() : tooManyDocuments());
}

const MAX = LIMITS.documentsPerFrameMax;
const CARRIAGE_RETURN = 13;

const tooManyDocuments = (): Fault =>
  new Fault(
    'TOO_MANY_DOCUMENTS',
    `frame: more than ${MAX} documents in one frame, so none of them was run; send fewer per frame`,
    { field: 'frame', limit: `${MAX} documents per frame`, fix: 'send fewer documents per frame' },
  );

const noDocument = (): Fault =>
  new Fault('INVALID_JSON', 'frame: it is empty; send one JSON object per line', {
    field: 'frame',
    limit: `1 to ${MAX} JSON documents`,
    fix: 'send one JSON object per line',
  });

export const binaryFrame = (): Fault =>
  new Fault('INVALID_REQUEST', 'frame: binary frames are not taken; send JSON in a text frame', {
    field: 'frame',
    limit: 'text frames only',
    fix: 'send JSON in a text frame',
  });
