/** Watches the flusher from outside during a run: the widest consistency window, and the rows and transactions that /metrics counts. */
import { pause } from './clock.ts';
import type { HttpApi, WindowReading } from './http-api.ts';

const SAMPLE_MS = 500;
const POLL_MS = 50;
const CLEAN_WITHIN_MS = 60_000;

const ROWS = /^photofinish_flush_rows_total\{[^}]*result="written"[^}]*\} (\S+)$/gm;
const BATCHES = /^photofinish_flush_transactions_total(?:\{[^}]*\})? (\S+)$/gm;

/** A counter's rise over a run. A restarted server begins at 0 again: what it shows then has all risen since. */
export class Rise {
  #last: number | undefined;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  saw(value: number): void {
    if (this.#last !== undefined) this.#total += value < this.#last ? value : value - this.#last;
    this.#last = value;
  }
}

/** The sum of all samples of a counter; undefined where there is none. */
export function counterIn(metrics: string, samples: RegExp): number | undefined {
  const values = [...metrics.matchAll(samples)].map((match) => Number(match[1]));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

export class FlushWatch {
  readonly #api: HttpApi;
  readonly #season: string;
  readonly #rows = new Rise();
  readonly #batches = new Rise();
  #oldestDirtyMsMax = 0;
  #timer: NodeJS.Timeout | undefined;
  #last: WindowReading = { dirty: 0, oldestDirtyMs: 0 };
  #readMetrics = false;
  #readWindow = false;

  constructor(api: HttpApi, season: string) {
    this.#api = api;
    this.#season = season;
  }

  get rows(): number {
    return this.#rows.total;
  }

  get batches(): number {
    return this.#batches.total;
  }

  get oldestDirtyMsMax(): number {
    return this.#oldestDirtyMsMax;
  }

  get last(): WindowReading {
    return this.#last;
  }

  /** What could not be read even once. */
  get unread(): string[] {
    return [
      ...(this.#readMetrics ? [] : ['flush.rows']),
      ...(this.#readWindow ? [] : ['flush.oldestDirtyMsMax']),
    ];
  }

  async start(): Promise<void> {
    await this.sample();
    let busy = false;
    this.#timer = setInterval(async () => {
      if (busy) return;
      busy = true;
      await this.sample();
      busy = false;
    }, SAMPLE_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A server that is down just now is sampled the next time. */
  async sample(): Promise<void> {
    await Promise.all([this.#sampleWindow().catch(() => {}), this.#sampleMetrics().catch(() => {})]);
  }

  /** Resolves when nothing is dirty any more. False when that did not come within a minute. */
  async clean(): Promise<boolean> {
    const deadline = Date.now() + CLEAN_WITHIN_MS;
    for (;;) {
      const reading = await this.#sampleWindow().catch(() => undefined);
      if (reading?.dirty === 0) return true;
      if (Date.now() > deadline) return false;
      await pause(POLL_MS);
    }
  }

  async #sampleWindow(): Promise<WindowReading> {
    const reading = await this.#api.window(this.#season);
    this.#readWindow = true;
    this.#last = reading;
    this.#oldestDirtyMsMax = Math.max(this.#oldestDirtyMsMax, reading.oldestDirtyMs);
    return reading;
  }

  async #sampleMetrics(): Promise<void> {
    const metrics = await this.#api.text('GET', '/metrics');
    const rows = counterIn(metrics, ROWS);
    const batches = counterIn(metrics, BATCHES);
    if (rows === undefined || batches === undefined) return;
    this.#readMetrics = true;
    this.#rows.saw(rows);
    this.#batches.saw(batches);
  }
}
