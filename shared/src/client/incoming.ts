/** What the server sent, told apart: an answer carries an id, a push has none. */
import { ERRORS, type ErrorCode, Fault, type FaultDetail } from '../protocol/errors.ts';
import type { Push } from '../protocol/pushes.ts';
import type { ErrorReply, Reply } from '../protocol/replies.ts';

export type Incoming = Reply | ErrorReply | Push;

/** The documents of a frame. @throws SyntaxError when one is not JSON: this is not the server that we took it for */
export function documentsOf(frame: string): Incoming[] {
  if (!frame.includes('\n')) return [JSON.parse(frame) as Incoming];
  return frame
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Incoming);
}

export function faultOf(error: ErrorReply): Fault {
  const detail: FaultDetail = {};
  if (error.field !== undefined) detail.field = error.field;
  if (error.limit !== undefined) detail.limit = error.limit;
  if (error.fix !== undefined) detail.fix = error.fix;
  if (error.retryAfterMs !== undefined) detail.retryAfterMs = error.retryAfterMs;
  if (Object.hasOwn(ERRORS, error.code)) return new Fault(error.code, error.message, detail);
  // A newer server's code: keep what it means for the caller, and its name in the text.
  const known: ErrorCode = error.retryable ? 'INTERNAL' : 'INVALID_REQUEST';
  return new Fault(known, `${error.code}: ${error.message}`, detail);
}
