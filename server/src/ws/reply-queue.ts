/** Puts replies back into request order.
 *
 *  A request takes a ticket when it starts; its reply may come at any time, and leaves when all before it have left.
 *  Tickets of one queue count up by one, so a ring holds them: no promise and no Map per request. A connection that has asked nothing yet
 *  has none (`idle.bytes`).
 *
 *  Each ticket must be answered exactly once, or the queue would stand still behind it for ever. An answer to a ticket that is not waiting
 *  is not taken, because it would be sent in another request's place. */
import type { RequestId } from './request-error.ts';

/** Grows by doubling up to what the connection's budget allows, and falls back to this when it has emptied. */
const CAPACITY_MIN = 16;
const CAPACITY_KEPT = 1_024;

/** Takes a reply in its turn. */
export interface ReplyQueueOwner {
  send(text: string): void;
}

/** Shared by all that are empty: a ring is replaced before it is written to. */
const NONE: never[] = [];

export class ReplyQueue {
  readonly #owner: ReplyQueueOwner;
  #capacity = 0;
  #ids: (RequestId | null)[] = NONE;
  #weights: number[] = NONE;
  #texts: (string | undefined)[] = NONE;
  /** The oldest ticket that has not left, and the next one to be given. */
  #head = 0;
  #tail = 0;
  #weight = 0;

  constructor(owner: ReplyQueueOwner) {
    this.#owner = owner;
  }

  get size(): number {
    return this.#tail - this.#head;
  }

  /** Sum of the weights of all that have not left. */
  get weight(): number {
    return this.#weight;
  }

  hasLeft(ticket: number): boolean {
    return ticket < this.#head;
  }

  /** @param weight entries that the reply may hold: what its text may cost in memory while it waits */
  reserve(id: RequestId | null, weight: number): number {
    if (this.size === this.#capacity) this.#resize(Math.max(CAPACITY_MIN, this.#capacity * 2));
    const ticket = this.#tail++;
    const at = ticket & (this.#capacity - 1);
    this.#ids[at] = id;
    this.#weights[at] = weight;
    this.#texts[at] = undefined;
    this.#weight += weight;
    return ticket;
  }

  idOf(ticket: number): RequestId | null {
    return this.#ids[ticket & (this.#capacity - 1)] ?? null;
  }

  /** @returns false for a ticket that is not waiting: a second answer, which goes nowhere */
  answer(ticket: number, text: string): boolean {
    const at = ticket & (this.#capacity - 1);
    if (ticket < this.#head || ticket >= this.#tail || this.#texts[at] !== undefined) return false;
    this.#texts[at] = text;
    if (ticket === this.#head) this.#advance();
    return true;
  }

  #advance(): void {
    while (this.#head < this.#tail) {
      const at = this.#head & (this.#capacity - 1);
      const text = this.#texts[at];
      if (text === undefined) return;
      this.#texts[at] = undefined;
      this.#weight -= this.#weights[at] ?? 0;
      this.#head++;
      this.#owner.send(text);
    }
    if (this.#capacity > CAPACITY_KEPT) this.#resize(CAPACITY_MIN);
  }

  #resize(capacity: number): void {
    const ids = new Array<RequestId | null>(capacity).fill(null);
    const weights = new Array<number>(capacity).fill(0);
    const texts = new Array<string | undefined>(capacity).fill(undefined);
    for (let ticket = this.#head; ticket < this.#tail; ticket++) {
      const from = ticket & (this.#capacity - 1);
      const to = ticket & (capacity - 1);
      ids[to] = this.#ids[from] ?? null;
      weights[to] = this.#weights[from] ?? 0;
      texts[to] = this.#texts[from];
    }
    this.#ids = ids;
    this.#weights = weights;
    this.#texts = texts;
    this.#capacity = capacity;
  }
}
