/** Sends one message to an address of the operator's, signed.
 *
 *  The header `photofinish-signature: t=<seconds>,v1=<hex>` is the HMAC-SHA256 of `<t>.<body>` under the shared secret: a receiver
 *  checks it over the bytes that it got, and refuses an old `t`, so that nobody can send it messages or play one back. */
import { createHmac } from 'node:crypto';

const TIMEOUT_MS = 5_000;

export interface Receiver {
  url: string;
  secret: string;
  clock: () => number;
}

export const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;

/** @throws Error unless the receiver answers with a 2xx in time */
export async function postSigned(
  { url, secret, clock }: Receiver,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'photofinish-signature': signatureOf(secret, Math.floor(clock() / 1_000), body),
    },
    body,
    // Elsewhere than where the operator said, the message has no business.
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
}
