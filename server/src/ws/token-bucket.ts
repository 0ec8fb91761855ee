/** A rate with a burst of one second: as many tokens as the rate, refilled evenly. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = now;
  }

  /** `now` in milliseconds; a clock that steps back refills nothing and takes nothing away. */
  take(now: number): boolean {
    if (now > this.#filledAt)
      this.#tokens = Math.min(
        this.#perSecond,
        this.#tokens + ((now - this.#filledAt) * this.#perSecond) / 1_000,
      );
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until the next token, at least 1. */
  get waitMs(): number {
    return Math.max(1, Math.ceil(((1 - this.#tokens) * 1_000) / this.#perSecond));
  }
}
