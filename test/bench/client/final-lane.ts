/** Finals, none of them twice: number k of a lane is of its match k mod matches, and of the player after that. */
import { playerId } from '../players.ts';
import { type Lane, numberAt } from './lane.ts';

const OK = '{"type":"ok","id":';

/** The score of a match's player: known without being kept. */
export const finalScore = (match: string, player: number): number => {
  let sum = player * 31;
  for (let i = 0; i < match.length; i++) sum = (sum * 33 + match.charCodeAt(i)) % 1_000_003;
  return sum;
};

export class FinalLane implements Lane {
  readonly #matches: readonly string[];
  readonly #players: number;
  #sent = 0;
  #taken = 0;

  constructor(matches: readonly string[], players: number) {
    this.#matches = matches;
    this.#players = players;
  }

  /** What was sent, for the check. */
  finals(): { match: string; player: number }[] {
    return Array.from({ length: this.#taken }, (_, k) => this.#at(k));
  }

  #at(k: number): { match: string; player: number } {
    const matches = this.#matches.length;
    const match = this.#matches[k % matches] as string;
    const player = Math.floor(k / matches);
    if (player >= this.#players) throw new Error('the matches of this round are used up: start more of them');
    return { match, player };
  }

  next(): string {
    const { match, player } = this.#at(this.#sent);
    const id = this.#sent++;
    return `{"type":"final","id":${id},"match":"${match}","player":"${playerId(player)}","score":${finalScore(match, player)}}`;
  }

  take(reply: string): void {
    const id = this.#taken++;
    if (!reply.startsWith(OK) || numberAt(reply, OK.length) !== id || !reply.includes('"ack":"database"'))
      throw new Error(`final ${id} was answered ${reply.slice(0, 300)}`);
  }
}
