/** Sends alerts to one address, in order, signed; never waited for.
 *
 *  The header `photofinish-signature: t=<seconds>,v1=<hex>` is the HMAC-SHA256 of `<t>.<body>` under the shared secret: a receiver
 *  checks it over the bytes that it got, and refuses an old `t`, so that nobody can send it alerts or play one back. */
import { createHmac } from 'node:crypto';
import type { AlertNotice } from './alerts.ts';
import type { Log } from './log.ts';

/** Notices that wait. More of them while the receiver is down are not sent: the log has them. */
const WAITING_MAX = 100;
const TIMEOUT_MS = 5_000;
const ATTEMPTS_MAX = 8;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 60_000;

interface Deps {
  url: string;
  secret: string;
  log: Log;
  clock: () => number;
  random: () => number;
}

export const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;

export class AlertWebhook {
  readonly #deps: Deps;
  readonly #waiting: AlertNotice[] = [];
  readonly #stopping = new AbortController();
  #sending: Promise<void> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  send(notice: AlertNotice): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#waiting.length >= WAITING_MAX) {
      this.#notSent(notice, `${WAITING_MAX} alerts are waiting already`);
      return;
    }
    this.#waiting.push(notice);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Gives what waits so much time, then drops it. */
  async stop(withinMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stopping.abort(), withinMs);
    await this.#sending;
    clearTimeout(timer);
    this.#stopping.abort();
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      await this.#deliver(next);
      this.#waiting.shift();
    }
  }

  async #deliver(notice: AlertNotice): Promise<void> {
    let problem: unknown;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX && !this.#stopping.signal.aborted; attempt++) {
      if (attempt > 1) await this.#pause(attempt - 1);
      try {
        await this.#post(JSON.stringify(notice));
        return;
      } catch (error) {
        problem = error;
      }
    }
    this.#notSent(notice, problem instanceof Error ? problem.message : 'the server stops');
  }

  async #post(body: string): Promise<void> {
    const { url, secret, clock } = this.#deps;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'photofinish-signature': signatureOf(secret, Math.floor(clock() / 1_000), body),
      },
      body,
      // Elsewhere than where the operator said, the message has no business.
      redirect: 'manual',
      signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
  }

  #pause(failures: number): Promise<void> {
    const { signal } = this.#stopping;
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (failures - 1));
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ceiling / 2 + (this.#deps.random() * ceiling) / 2);
      signal.addEventListener('abort', done);
    });
  }

  #notSent({ alert, type, incident }: AlertNotice, problem: string): void {
    this.#deps.log.error({ alert, type, incident, problem }, 'alert not delivered to the webhook');
  }
}
