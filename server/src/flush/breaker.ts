/** Keeps work away from a Postgres that cannot be used: after some failures in a row nothing is sent to it but a probe, later each time
 *  and with jitter, until a probe is answered. One per Postgres.
 *
 *  While it is open, finals are refused at once instead of after a timeout, flushes keep their claims, and the database that comes
 *  back is not met by every season and every waiting final of every server in the same moment. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Log } from '../observe/log.ts';

/** Lower, and one lost connection refuses finals; higher, and more of them wait for a timeout each. */
const FAILURES_TO_OPEN = 2;
const PROBE_FIRST_MS = 250;
/** How late the end of an outage is noticed. */
const PROBE_MAX_MS = 10_000;

interface Deps {
  /** Resolves when Postgres answers. Must have a deadline of its own. */
  probe: () => Promise<unknown>;
  random: () => number;
  log: Log;
}

export class Breaker {
  readonly #deps: Deps;
  readonly #onClosed: (() => void)[] = [];
  #failures = 0;
  /** Since a write last came through: a database that answers probes and takes no writes is asked less and less. */
  #probes = 0;
  #timer: NodeJS.Timeout | undefined;
  #probeAt = 0;
  #open = false;
  #stopped = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Called each time Postgres is back. */
  onClosed(listener: () => void): void {
    this.#onClosed.push(listener);
  }

  /** Runs `work`, which writes to Postgres. @throws Fault UNAVAILABLE at once while the breaker is open; what `work` throws */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#open)
      throw new Fault('UNAVAILABLE', 'the database cannot be used right now; nothing was done', {
        fix: 'send it again later',
        retryAfterMs: Math.max(PROBE_FIRST_MS, Math.ceil(this.#probeAt - performance.now())),
      });
    try {
      const result = await work();
      this.#failures = 0;
      this.#probes = 0;
      return result;
    } catch (error) {
      if (isOutage(error)) this.#failed();
      else this.#failures = 0;
      throw error;
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #failed(): void {
    this.#failures++;
    if (this.#open || this.#failures < FAILURES_TO_OPEN) return;
    this.#open = true;
    this.#deps.log.error({ failures: this.#failures }, 'postgres cannot be used; writes wait for it');
    this.#probeLater();
  }

  #probeLater(): void {
    if (this.#stopped) return;
    const ceiling = Math.min(PROBE_MAX_MS, PROBE_FIRST_MS * 2 ** Math.min(this.#probes, 16));
    const delayMs = ceiling / 2 + (this.#deps.random() * ceiling) / 2;
    this.#probes++;
    this.#probeAt = performance.now() + delayMs;
    this.#timer = setTimeout(() => void this.#probe(), delayMs);
  }

  async #probe(): Promise<void> {
    try {
      await this.#deps.probe();
    } catch {
      this.#probeLater();
      return;
    }
    if (this.#stopped) return;
    this.#open = false;
    // One more failure, and it is open again.
    this.#failures = FAILURES_TO_OPEN - 1;
    this.#deps.log.info({ probes: this.#probes }, 'postgres answers again');
    for (const listener of this.#onClosed) listener();
  }
}

/** Nothing is wrong with the work itself: Postgres was not reached, could not, or did not answer in time. */
const isOutage = (error: unknown): boolean =>
  error instanceof Fault && (error.code === 'UNAVAILABLE' || error.code === 'OUTCOME_UNKNOWN');
