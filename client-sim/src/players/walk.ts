/** A player's score during one match: mostly better, sometimes the same, now and then worse. Steps are small, so that equal scores are
 *  common and ties have to be broken. */
import type { SortOrder } from '../books/order.ts';
import type { Chance } from '../chance.ts';

/** Scores that the board takes. */
export interface Bounds {
  min: number;
  max: number;
}

const ASCENDING_START = 10_000;

export const within = ({ min, max }: Bounds, score: number): number => Math.min(max, Math.max(min, score));

export class Walk {
  readonly #chance: Chance;
  readonly #direction: 1 | -1;
  readonly #stepMax: number;
  readonly #bounds: Bounds;
  #score: number;

  constructor(chance: Chance, sort: SortOrder, bounds: Bounds) {
    this.#chance = chance;
    this.#bounds = bounds;
    this.#direction = sort === 'desc' ? 1 : -1;
    this.#stepMax = chance.int(2, 9);
    this.#score = within(bounds, sort === 'desc' ? 0 : ASCENDING_START);
  }

  get score(): number {
    return this.#score;
  }

  step(): number {
    const size = this.#chance.int(0, this.#stepMax);
    const stumble = this.#chance.happens(0.07);
    this.#score = within(this.#bounds, this.#score + (stumble ? -size : size) * this.#direction);
    return this.#score;
  }
}
