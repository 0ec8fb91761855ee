/** Finals, none of them twice: number k of a lane is of its match k mod matches. All matches of all lanes walk over all players, each from a
 *  place of its own, so that the finals under way are of different players, as the baseline's upserts are. */
import { playerId } from '../players.ts';
import { type Lane, numberAt } from './lane.ts';

const OK = '{"type":"ok","id":';

/** The score of a match's player: known without being kept. */
export const finalScore = (match: string, player: number): number => {
  let sum = player * 31;
  for (let i = 0; i < match.length; i++) sum = (sum * 33 + match.charCodeAt(i)) % 1_000_003;
  return sum;
};

/** Who comes next in a match is not a neighbour in any index: the baseline's are drawn. A prime that divides no number of players in use, so
 *  that a match meets everyone before it meets anyone again. */
const SCATTER = 7_919;

export class FinalLane implements Lane {
  readonly #matches: readonly string[];
  readonly #players: number;
  readonly #first: number;
  readonly #step: number;
  #sent = 0;
  #taken = 0;

  /** @param of.lane its number among `of.lanes` */
  constructor(matches: readonly string[], of: { players: number; lane: number; lanes: number }) {
    this.#matches = matches;
    this.#players = of.players;
    this.#step = of.players / (of.lanes * matches.length);
    this.#first = of.lane * matches.length * this.#step;
  }

  /** What was sent, for the check. */
  finals(): { match: string; player: number }[] {
    return Array.from({ length: this.#taken }, (_, k) => this.#at(k));
  }

  #at(k: number): { match: string; player: number } {
    const matches = this.#matches.length;
    const match = this.#matches[k % matches] as string;
    const visit = Math.floor(k / matches);
    if (visit >= this.#players) throw new Error('the matches of this round are used up: start more of them');
    const place = Math.floor(this.#first + (k % matches) * this.#step) + visit;
    return { match, player: (place * SCATTER) % this.#players };
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
