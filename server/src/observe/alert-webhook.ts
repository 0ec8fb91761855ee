/** Sends alerts to one address, in order, signed; never waited for. */
import type { AlertNotice } from './alerts.ts';
import type { Log } from './log.ts';
import { postSigned } from './signed-post.ts';

/** Notices that wait. More of them while the receiver is down are not sent: the log has them. */
const WAITING_MAX = 100;
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
        await postSigned(this.#deps, JSON.stringify(notice), this.#stopping.signal);
        return;
      } catch (error) {
        problem = error;
      }
    }
    this.#notSent(notice, problem instanceof Error ? problem.message : 'the server stops');
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
