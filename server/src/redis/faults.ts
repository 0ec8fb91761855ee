/** What went wrong with Redis, in the words of the caller's next step.
 *
 *  UNAVAILABLE      nothing was done: it was not sent, or Redis refused it before running it
 *  OUTCOME_UNKNOWN  it was sent and no answer came: it may have been done, or may be done yet
 *  Anything else is a defect of ours and is thrown as it is. */
import { Fault } from '@photofinish/shared/protocol/errors';

const RETRY_AFTER_MS = 500;

/** Refusals of a server that works and cannot take this now; Redis sends them before it runs a command, and ours
 *  write nothing before their first command that can be refused so. */
const REFUSED = /^(LOADING|READONLY|MISCONF|OOM|BUSY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN)\b/;

/** ioredis: the command never left this process. */
const NOT_SENT = "Stream isn't writeable";

const SENT_AND_LOST =
  /Command timed out|Connection is closed|max retries per request|Command aborted|Socket timeout|ECONNRESET|EPIPE/i;

export const unavailable = (why: string): Fault =>
  new Fault('UNAVAILABLE', `live scores are unavailable: ${why}; nothing was done, send it again`, {
    retryAfterMs: RETRY_AFTER_MS,
  });

/** @param writes a lost answer of a read leaves nothing in doubt: the read is sent again */
export function redisFault(error: unknown, writes: boolean): unknown {
  if (!(error instanceof Error) || error instanceof Fault) return error;
  const refusal = REFUSED.exec(error.message)?.[1];
  if (refusal) return unavailable(`Redis answers ${refusal}`);
  if (error.message.startsWith(NOT_SENT)) return unavailable('no connection to Redis');
  if (error.name === 'ReplyError' || !SENT_AND_LOST.test(error.message)) return error;
  if (!writes) return unavailable('Redis did not answer');
  return new Fault(
    'OUTCOME_UNKNOWN',
    'Redis did not answer in time: the change may have been made or not; send the same again, a repeat changes nothing',
    { retryAfterMs: RETRY_AFTER_MS },
  );
}
