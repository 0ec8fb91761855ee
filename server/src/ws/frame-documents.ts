/** Splits a text frame into its documents. */
import { Fault } from '@photofinish/shared/protocol/errors';
import { LIMITS } from '@photofinish/shared/protocol/limits';

/** Newline-separated; empty lines are passed over, so that a trailing newline does no harm.
 *  @returns a fault when the frame holds none, or more than allowed: then none of it may run */
export function documentsOf(frame: string): readonly string[] | Fault {
  if (frame !== '' && !frame.includes('\n')) return [frame];
  const max = LIMITS.documentsPerFrameMax;
  // Twice the limit leaves room for an empty line between documents, and bounds the work on a frame of newlines.
  const lines = frame.split('\n', 2 * max + 1);
  const documents = lines.filter((line) => line !== '' && line !== '\r');
  if (documents.length > max || lines.length > 2 * max)
    return new Fault(
      'TOO_MANY_DOCUMENTS',
      `frame: more than ${max} documents in one frame, so none of them was run; send fewer per frame`,
      { field: 'frame', limit: `${max} documents per frame`, fix: 'send fewer documents per frame' },
    );
  if (documents.length === 0)
    return new Fault('INVALID_JSON', 'frame: it is empty; send one JSON object per line', {
      field: 'frame',
      limit: `1 to ${max} JSON documents`,
      fix: 'send one JSON object per line',
    });
  return documents;
}

export const binaryFrame = (): Fault =>
  new Fault('INVALID_REQUEST', 'frame: binary frames are not taken; send JSON in a text frame', {
    field: 'frame',
    limit: 'text frames only',
    fix: 'send JSON in a text frame',
  });
