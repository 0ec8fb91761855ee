/** The database's clock, as this server can tell it without asking: its own clock and how far the two were apart.
 *
 *  One clock decides when a season ends, or two servers would disagree by as much as theirs do. The difference is known to half the time
 *  that the database took to answer, so of the last answers the quickest is believed. */

const SAMPLES_MAX = 8;

interface Sample {
  offsetMs: number;
  tookMs: number;
}

export class BoundaryClock {
  readonly #clock: () => number;
  readonly #samples: Sample[] = [];
  #offsetMs = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** A field, because it is handed on as the clock that it is. */
  readonly now = (): number => this.#clock() + this.#offsetMs;

  /** How far the database's clock is ahead of this server's. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Asks `read`, which answers with the database's clock among other things. */
  async sample<T extends { now: number }>(read: () => Promise<T>): Promise<T> {
    const asked = this.#clock();
    const answer = await read();
    const answered = this.#clock();
    const tookMs = answered - asked;
    // A clock that was set back meanwhile tells nothing.
    if (tookMs < 0) return answer;
    this.#samples.push({ tookMs, offsetMs: Math.round(answer.now - (asked + answered) / 2) });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
    this.#offsetMs = this.#samples.reduce((best, each) =>
      each.tookMs <= best.tookMs ? each : best,
    ).offsetMs;
    return answer;
  }
}
