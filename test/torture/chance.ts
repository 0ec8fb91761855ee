/** Chance from a seed (mulberry32): the same seed draws the same plan of faults and the same scores. The clock and the machine draw
 *  nothing, but decide what meets what, so a seed repeats a plan and not a run. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1, without 1. */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  shuffled<T>(list: readonly T[]): T[] {
    const bag = list.map((item) => ({ item, key: this.unit() }));
    return bag.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }

  /** A source of its own, so that one consumer's draws do not move another's. */
  fork(): Chance {
    return new Chance(this.between(0, 2 ** 32 - 1));
  }
}
