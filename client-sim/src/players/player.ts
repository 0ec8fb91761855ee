/** One simulated player: a connection with a token of its own, a pace, a score walk, and its account in the books. */
import type { Client } from '@photofinish/shared/client/client';
import type { SeqSource } from '@photofinish/shared/client/seq';
import { Account, type SentTick } from '../books/account.ts';
import type { Rules } from '../books/operators.ts';
import type { Chance } from '../chance.ts';
import { type Bounds, Walk } from './walk.ts';

export class Player {
  readonly id: string;
  readonly client: Client;
  readonly account: Account;
  readonly chance: Chance;
  /** Times the average rate at which this one sends. */
  readonly pace: number;
  /** Sends what was added in place of the score so far, on boards that add up. */
  readonly #tellsDeltas: boolean;
  readonly #rules: Rules & { bounds: Bounds };
  #walk: Walk;
  #told = 0;

  constructor(id: string, client: Client, chance: Chance, rules: Rules & { bounds: Bounds }) {
    this.id = id;
    this.client = client;
    this.account = new Account(id, rules);
    this.chance = chance;
    this.pace = 0.7 + 0.6 * chance.next();
    this.#tellsDeltas = rules.operator === 'sum' && chance.happens(0.5);
    this.#rules = rules;
    this.#walk = new Walk(chance, rules.sort, rules.bounds);
  }

  get score(): number {
    return this.#walk.score;
  }

  matchBegins(): void {
    this.#walk = new Walk(this.chance, this.#rules.sort, this.#rules.bounds);
    this.#told = 0;
    this.account.matchBegins();
  }

  /** The next tick, written to the account before it leaves. */
  nextTick(seq: SeqSource, intendedAt: number): SentTick {
    const score = this.#walk.step();
    const tick: SentTick = {
      seq: seq.next(),
      ...(this.#tellsDeltas ? { delta: score - this.#told } : { score }),
      intendedAt,
      answeredAt: 0,
      fate: 'waiting',
    };
    this.#told = score;
    this.account.sent(tick);
    return tick;
  }
}
