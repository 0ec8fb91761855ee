/** Ticks of some players, each better than the one before it; every reply must be of the tick that it answers, with its score. */
import type { Lane } from './lane.ts';
import { numberAt } from './lane.ts';

/** What all lanes of one target share: the books. Places are player numbers. */
export interface Books {
  players: readonly string[];
  /** Last score sent; acknowledged too once nothing is under way. */
  scores: Float64Array;
  seqs: Uint32Array;
}

/** Documents that one connection may have under way: a power of two. */
const RING = 4_096;
const OK = '{"type":"ok","id":';
const SCORE = '"score":';

export class TickLane implements Lane {
  readonly #books: Books;
  readonly #board: string;
  readonly #first: number;
  readonly #count: number;
  readonly #strict: boolean;
  /** Scores of what is under way. */
  readonly #scores = new Float64Array(RING);
  #sent = 0;
  #taken = 0;
  #random: number;

  /** @param of.strict false for baselines, whose replies are only counted */
  constructor(
    books: Books,
    of: { board: string; first: number; count: number; strict: boolean; seed: number },
  ) {
    this.#books = books;
    this.#board = of.board;
    this.#first = of.first;
    this.#count = of.count;
    this.#strict = of.strict;
    this.#random = of.seed;
  }

  next(): string {
    if (this.#sent - this.#taken >= RING) throw new Error(`more than ${RING} ticks are under way`);
    const { players, scores, seqs } = this.#books;
    const random = this.#nextRandom();
    const player = this.#first + (random % this.#count);
    const score = (scores[player] as number) + 1 + (random % 97);
    const seq = (seqs[player] as number) + 1;
    scores[player] = score;
    seqs[player] = seq;
    const id = this.#sent++;
    this.#scores[id & (RING - 1)] = score;
    return `{"type":"tick","id":${id},"board":"${this.#board}","player":"${players[player]}","score":${score},"seq":${seq}}`;
  }

  take(reply: string): void {
    const id = this.#taken++;
    if (!this.#strict) return;
    const at = reply.indexOf(SCORE);
    if (
      !reply.startsWith(OK) ||
      numberAt(reply, OK.length) !== id ||
      numberAt(reply, at + SCORE.length) !== this.#scores[id & (RING - 1)]
    )
      throw new Error(
        `tick ${id} with score ${this.#scores[id & (RING - 1)]} was answered ${reply.slice(0, 300)}`,
      );
  }

  /** xorshift: cheap, and different on every connection. */
  #nextRandom(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return x >>> 1;
  }
}
