/** What a conversation refuses, or fails, by itself. */
import { Fault } from '@photofinish/shared/protocol/errors';

export const internal = (): Fault =>
  new Fault('INTERNAL', `the server failed; the outcome is unknown, and the same request may be sent again`, {
    fix: 'send the same request again',
    retryAfterMs: 1_000,
  });

export const shuttingDown = (): Fault =>
  new Fault('SHUTTING_DOWN', 'the server is stopping; nothing was done, connect again and send it there', {
    fix: 'connect again and send it there',
    retryAfterMs: 100,
  });

/** @param max requests per second @param waitMs until the next one would be taken */
export function tooFast(max: number, waitMs: number): Fault {
  return new Fault(
    'RATE_LIMITED',
    `connection: more than ${max} requests per second; wait, or put many ticks into one ticks request`,
    {
      field: 'connection',
      limit: `${max} requests per second, as many at once`,
      fix: 'wait, or put many ticks into one ticks request',
      retryAfterMs: waitMs,
    },
  );
}
