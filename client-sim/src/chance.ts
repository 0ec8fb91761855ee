/** Chance from a seed: the same seed plays the same season. Each player draws from a stream of its own, so that who answers
 *  first changes nobody's dice. */

const mix = (value: number): number => {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
};

export class Chance {
  readonly #seed: number;
  #state: number;

  /** @param seed a whole number; its low 32 bits count */
  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = mix(this.#seed);
  }

  /** A stream of its own for `name`. */
  fork(name: string): Chance {
    let seed = this.#seed;
    for (const char of name) seed = mix(seed ^ mix((char.codePointAt(0) ?? 0) + 0x9e3779b9));
    return new Chance(seed);
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return mix(this.#state) / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** True with probability `p`. */
  happens(p: number): boolean {
    return this.next() < p;
  }

  /** The wait until the next of events that come at random, `mean` apart: a Poisson process. */
  wait(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    const drawn: T[] = [];
    while (left.length > 0) drawn.push(...left.splice(this.int(0, left.length - 1), 1));
    return drawn;
  }
}
