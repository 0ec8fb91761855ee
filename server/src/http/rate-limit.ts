/** Token buckets by client address, in this process. */
import { Fault } from '@photofinish/shared/protocol/errors';

interface Bucket {
  left: number;
  at: number;
}

/** About 150 bytes each. At the limit the longest unused one is dropped, and its client starts with a full bucket again:
 *  a flood from more addresses than this is the business of a firewall. */
const BUCKETS_MAX = 10_000;

export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: () => number;
  /** Least recently used first. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param of `clock` in milliseconds */
  constructor(of: { perSecond: number; burst: number; clock: () => number }) {
    this.#perSecond = of.perSecond;
    this.#burst = of.burst;
    this.#clock = of.clock;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** @throws Fault RATE_LIMITED when the bucket of `key` is empty */
  take(key: string): void {
    const now = this.#clock();
    const bucket = this.#buckets.get(key) ?? { left: this.#burst, at: now };
    bucket.left = Math.min(
      this.#burst,
      bucket.left + (Math.max(0, now - bucket.at) / 1_000) * this.#perSecond,
    );
    bucket.at = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > BUCKETS_MAX) {
      const oldest = this.#buckets.keys().next().value;
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    if (bucket.left < 1)
      throw new Fault('RATE_LIMITED', 'too many requests from this address; slow down', {
        limit: `${this.#perSecond} per second, ${this.#burst} at once`,
        fix: 'wait, or subscribe over WebSocket in place of polling',
        retryAfterMs: Math.max(1, Math.ceil(((1 - bucket.left) / this.#perSecond) * 1_000)),
      });
    bucket.left--;
  }
}
