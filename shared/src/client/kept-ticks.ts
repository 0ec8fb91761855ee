/** The ticks of this client that were acked and that no watermark has passed: what it could send again if Redis and the server that answered
 *  were lost together. Pure.
 *
 *  Deltas are kept one by one. Of absolute scores one per player is enough: of a match the last word, and of an open board the last one that
 *  the entry showed after it, which is the best where the board keeps the best. */
import type { Reply } from '../protocol/replies.ts';
import type { RequestBody } from '../protocol/requests.ts';

export type TickBody = RequestBody<'tick'> & { seq: number };
/** Of the answer to a tick. */
export type TickAnswer = Pick<Reply<'tick'>, 'score' | 'epoch' | 'version'>;

export interface KeptTick {
  key: string;
  target: string;
  body: TickBody;
  /** Committed once the watermark of this epoch has reached this version. */
  epoch: number;
  version: number;
}

/** `match M` or `board B`: ids hold no spaces. */
export const targetOf = ({ match, board }: Pick<TickBody, 'match' | 'board'>): string =>
  match === undefined ? `board ${board}` : `match ${match}`;

export class KeptTicks {
  readonly #max: number;
  readonly #targets = new Map<string, Map<string, KeptTick>>();
  #size = 0;
  /** Forgotten because there were too many. */
  dropped = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#size;
  }

  targets(): Iterable<string> {
    return this.#targets.keys();
  }

  has(target: string): boolean {
    return this.#targets.has(target);
  }

  keep(body: TickBody, answer: TickAnswer): void {
    const target = targetOf(body);
    const player = body.player ?? '';
    const key = body.delta === undefined ? player : `${player} ${body.seq}`;
    const known = this.#targets.get(target)?.get(key);
    if (body.delta === undefined) {
      // A repeat of an older tick was acked too, and says nothing new.
      if (known && known.body.seq > body.seq) return;
      if (body.match === undefined && answer.score !== body.score) return;
    }
    if (known) this.forget(known);
    // A life begins with what Postgres has: what changed nothing in it is there.
    if (answer.version === 0) return;
    const ticks = this.#targets.get(target) ?? new Map<string, KeptTick>();
    this.#targets.set(target, ticks);
    ticks.set(key, { key, target, body, epoch: answer.epoch, version: answer.version });
    this.#size++;
    if (this.#size > this.#max) this.#dropOldest();
  }

  forget({ target, key }: KeptTick): void {
    const ticks = this.#targets.get(target);
    if (!ticks?.delete(key)) return;
    this.#size--;
    if (ticks.size === 0) this.#targets.delete(target);
  }

  /** @returns how many there were */
  forgetTarget(target: string): number {
    const size = this.#targets.get(target)?.size ?? 0;
    this.#targets.delete(target);
    this.#size -= size;
    return size;
  }

  prune(target: string, watermark: { epoch: number; version: number }): void {
    for (const kept of [...(this.#targets.get(target)?.values() ?? [])])
      if (kept.epoch === watermark.epoch && kept.version <= watermark.version) this.forget(kept);
  }

  /** What was acked before this epoch and never committed, oldest first. */
  owed(target: string, epoch: number): KeptTick[] {
    return [...(this.#targets.get(target)?.values() ?? [])].filter((kept) => kept.epoch < epoch);
  }

  isKept(kept: KeptTick): boolean {
    return this.#targets.get(kept.target)?.get(kept.key) === kept;
  }

  #dropOldest(): void {
    for (const ticks of this.#targets.values())
      for (const oldest of ticks.values()) {
        this.forget(oldest);
        this.dropped++;
        return;
      }
  }
}
