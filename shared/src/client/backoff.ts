/** How long to wait before coming back: exponential with full jitter, so that the clients of a server that restarted
 *  do not all return in the same instant. */

export interface BackoffRules {
  /** Upper bound of the first wait. */
  baseMs: number;
  /** Upper bound of every wait. Raising it makes recovery slow, lowering it makes an outage loud. */
  capMs: number;
}

export const RECONNECT_BACKOFF: BackoffRules = { baseMs: 250, capMs: 15_000 };

/** @param attempt 0 for the first wait
 *  @param random in [0, 1)
 *  @returns whole milliseconds in [0, min(cap, base * 2^attempt)) */
export const backoffMs = (rules: BackoffRules, attempt: number, random: () => number): number =>
  Math.floor(random() * Math.min(rules.capMs, rules.baseMs * 2 ** Math.min(attempt, 30)));
