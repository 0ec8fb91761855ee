/** Counts of ticks and the time to their acks, from when each was meant to leave: a tick that waited in this process waited
 *  for the server as far as a player can tell, and is not left out of the percentiles. */
import { ERRORS, Fault } from '@photofinish/shared/protocol/errors';
import { build, type Histogram } from 'hdr-histogram-js';
import type { SentTick } from './books/account.ts';
import { now } from './clock.ts';

const HIGHEST_US = 600_000_000;

/** A code that this version does not know promises nothing. */
const mayBeDone = ({ code }: Fault): boolean =>
  !Object.hasOwn(ERRORS, code) || ERRORS[code].caller === 'resend';

export class TickTally {
  sent = 0;
  acked = 0;
  refused = 0;
  unknown = 0;
  waiting = 0;
  readonly refusals = new Map<string, number>();
  readonly #microseconds: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  });
  #idle: (() => void)[] = [];

  left(): void {
    this.sent += 1;
    this.waiting += 1;
  }

  /** @param answer what the server made of it; a Fault where it made nothing, or nobody knows */
  answered(tick: SentTick, answer: object): void {
    tick.answeredAt = now();
    if (answer instanceof Fault) {
      tick.fate = mayBeDone(answer) ? 'unknown' : 'refused';
      this[tick.fate] += 1;
      this.refusals.set(answer.code, (this.refusals.get(answer.code) ?? 0) + 1);
    } else {
      tick.fate = 'acked';
      this.acked += 1;
      const us = Math.round((tick.answeredAt - tick.intendedAt) * 1_000);
      this.#microseconds.recordValue(Math.min(HIGHEST_US, Math.max(1, us)));
    }
    this.waiting -= 1;
    if (this.waiting === 0) for (const done of this.#idle.splice(0)) done();
  }

  /** Resolves when every tick has its answer, or its timeout. */
  settled(): Promise<void> {
    return this.waiting === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  ackMs(percentile: number): number {
    if (this.acked === 0) return 0;
    const us =
      percentile === 100 ? this.#microseconds.maxValue : this.#microseconds.getValueAtPercentile(percentile);
    return us / 1_000;
  }
}
