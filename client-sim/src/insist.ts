/** Asks until there is an answer that settles the matter: for requests of which a repeat changes nothing. */
import type { Client } from '@photofinish/shared/client/client';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Reply } from '@photofinish/shared/protocol/replies';
import type { RequestBody, RequestType } from '@photofinish/shared/protocol/requests';
import { pause } from './clock.ts';

const WITHIN_MS = 60_000;
const AGAIN_AFTER_MS = 250;

/** @throws Fault that no repeat can help, or the last one when the deadline has passed */
export async function insist<T extends RequestType>(
  client: Client,
  type: T,
  body: RequestBody<T>,
): Promise<Reply<T>> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      return await client.request(type, body);
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable || Date.now() > deadline) throw error;
      await pause(error.detail.retryAfterMs ?? AGAIN_AFTER_MS);
    }
  }
}
