/** Seq numbers of one writer: strictly growing, and ahead of all that the same writer gave before it was restarted.
 *
 *  A seq is the clock in milliseconds times 1000, or the last one plus one. A restarted writer that began at 1 would have
 *  all its ticks taken for repeats; one that follows the clock goes on where it was, as long as it gives fewer than a
 *  million numbers per second. Two connections of one token subject may take turns on a player for the same reason. */
const PER_MS = 1_000;

export class SeqSource {
  readonly #now: () => number;
  #last = 0;

  /** @param now milliseconds since the Unix epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  next(): number {
    const clock = Math.floor(this.#now()) * PER_MS;
    this.#last = clock > this.#last ? clock : this.#last + 1;
    return this.#last;
  }
}
