/** Spreads a flush that nobody waits for: small pages, one at a time, over a part of the interval. In between, the processors and Redis are
 *  there for ticks (`ack.p99`); all at once, a flush of a busy season holds them up for as long as it takes.
 *
 *  Whoever begins to wait for the flush hurries it: from then on it goes as fast as it can. */

/** Rows of a page: some milliseconds of Redis, of the event loop and of Postgres. */
const ROWS = 500;

export class Pace {
  readonly #spreadMs: number;
  readonly #beganAt = performance.now();
  #hurried = false;
  #wake: (() => void) | undefined;

  /** @param spreadMs how long the flush may take */
  constructor(spreadMs: number) {
    this.#spreadMs = spreadMs;
  }

  get isHurried(): boolean {
    return this.#hurried;
  }

  /** @returns rows of the next page, of at most `max` */
  rows(max: number): number {
    return this.#hurried ? max : Math.min(max, ROWS);
  }

  /** Resolves when it is time for the page that begins after this share of the rows, from 0 to 1. */
  async until(share: number): Promise<void> {
    const ms = this.#beganAt + share * this.#spreadMs - performance.now();
    if (this.#hurried || ms <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  hurry(): void {
    this.#hurried = true;
    this.#wake?.();
  }
}
