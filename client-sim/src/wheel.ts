/** One timer for all players. What is due within the same millisecond runs in one turn, in the order of its time.
 *
 *  Open loop: when this process falls behind, due events run late but keep their intended time, from which latency is measured. */
const SLOT_MS = 1;

interface Due {
  at: number;
  run: (intendedAt: number) => void;
}

export class Wheel {
  readonly #now: () => number;
  readonly #slots = new Map<number, Due[]>();
  #cursor: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds, never going back */
  constructor(now: () => number) {
    this.#now = now;
    this.#cursor = Math.floor(now() / SLOT_MS);
  }

  at(at: number, run: (intendedAt: number) => void): void {
    const slot = Math.max(this.#cursor, Math.floor(at / SLOT_MS));
    const dues = this.#slots.get(slot);
    if (dues) dues.push({ at, run });
    else this.#slots.set(slot, [{ at, run }]);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.turn(), SLOT_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#slots.clear();
  }

  /** Runs all that is due, what those add for a moment already past included. */
  turn(): void {
    const last = Math.floor(this.#now() / SLOT_MS);
    while (this.#cursor < last) {
      const dues = this.#slots.get(this.#cursor);
      if (!dues) {
        this.#cursor += 1;
        continue;
      }
      this.#slots.delete(this.#cursor);
      dues.sort((a, b) => a.at - b.at);
      for (const due of dues) due.run(due.at);
    }
  }
}
