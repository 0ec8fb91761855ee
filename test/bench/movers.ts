/** A few players whose scores change all the time, so that a board has news at every look. */
import { openWire, type Wire } from '../support/wire.ts';
import { playerId } from './players.ts';

/** Longer than a look at the board takes: what it shows then is told to everyone. */
const SETTLE_MS = 300;

export class Movers {
  readonly #wire: Wire;
  readonly #board: string;
  readonly #everyMs: number;
  readonly #scores = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<unknown> = Promise.resolve();
  #seq = Date.now();

  private constructor(wire: Wire, of: { board: string; players: number; everyMs: number }) {
    this.#wire = wire;
    this.#board = of.board;
    this.#everyMs = of.everyMs;
    for (let number = 0; number < of.players; number++)
      this.#scores.set(playerId(number), 1_000_000 - number);
  }

  static async start(
    url: string,
    token: string,
    of: { board: string; players: number; everyMs: number },
  ): Promise<Movers> {
    const movers = new Movers(await openWire(url, token), of);
    await movers.#move();
    return movers;
  }

  go(): void {
    this.#timer = setInterval(() => {
      this.#underWay = this.#underWay.then(() => this.#move());
    }, this.#everyMs);
  }

  /** Resolves when the last move has been acknowledged and told. */
  async rest(): Promise<void> {
    clearInterval(this.#timer);
    await this.#underWay;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }

  scores(): ReadonlyMap<string, number> {
    return this.#scores;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#underWay.catch(() => undefined);
    this.#wire.close();
  }

  async #move(): Promise<void> {
    const seq = ++this.#seq;
    const ticks = [...this.#scores].map(([player, score]) => ({ player, score: score + 17, seq }));
    const reply = await this.#wire.ok({ type: 'ticks', board: this.#board, ticks });
    for (const { player, score } of ticks) this.#scores.set(player, score);
    if (JSON.stringify(reply).includes('"error"'))
      throw new Error(`a move was refused: ${JSON.stringify(reply)}`);
  }
}
