/** The subscriptions of one connection. */
import { Fault } from '@photofinish/shared/protocol/errors';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import type { Hub, Subscribed } from './hub.ts';
import type { Reader } from './top-group.ts';

/** Where pushes leave, past all that requests and replies need. */
export interface PushOutlet {
  /** False for a reader that is behind or gone. */
  readonly takesPushes: boolean;
  /** Sends a document that is framed already. @returns false when it cannot go by itself, and must be pushed */
  pass(frame: Buffer, characters: number): boolean;
}

export interface SubscriptionsOwner {
  readonly outlet: PushOutlet;
  /** The reply to this ticket has left. */
  hasLeft(ticket: number): boolean;
  push(document: string): void;
}

/** One subscription, as feeds see it. A push by way of the connection's conversation, session and turn would touch them all: with a thousand
 *  subscribers that is more than the processor's cache holds (`fanout`). */
class Subscription implements Reader {
  readonly number: number;
  readonly #owner: SubscriptionsOwner;
  readonly #outlet: PushOutlet;
  readonly #ticket: number;
  #hasBegun = false;

  constructor(owner: SubscriptionsOwner, number: number, ticket: number) {
    this.number = number;
    this.#owner = owner;
    this.#outlet = owner.outlet;
    this.#ticket = ticket;
  }

  ready(): boolean {
    if (!this.#hasBegun) this.#hasBegun = this.#owner.hasLeft(this.#ticket);
    return this.#hasBegun && this.#outlet.takesPushes;
  }

  push(document: string, frame?: Buffer): void {
    if (!frame || !this.#outlet.pass(frame, document.length)) this.#owner.push(document);
  }
}

export class Subscriptions {
  readonly #hub: Hub;
  readonly #owner: SubscriptionsOwner;
  /** By number; those whose first view is still being read are here too, so that they count. */
  readonly #readers = new Map<number, Reader>();
  #lastNumber = 0;

  constructor(hub: Hub, owner: SubscriptionsOwner) {
    this.#hub = hub;
    this.#owner = owner;
  }

  /** @param ticket of the subscribe request: pushes wait until its reply has left
   *  @throws Fault TOO_MANY_SUBSCRIPTIONS, and what reading the board throws */
  async add(of: Subscribed, ticket: number): Promise<{ number: number; fields: string }> {
    if (this.#readers.size >= LIMITS.subscriptionsMax)
      throw new Fault(
        'TOO_MANY_SUBSCRIPTIONS',
        `subscription: this connection has ${LIMITS.subscriptionsMax}; unsubscribe from one first`,
        {
          field: 'subscription',
          limit: `${LIMITS.subscriptionsMax} subscriptions per connection`,
          fix: 'unsubscribe from one first',
        },
      );
    const number = ++this.#lastNumber;
    const reader = new Subscription(this.#owner, number, ticket);
    this.#readers.set(number, reader);
    try {
      const fields = await this.#hub.subscribe(reader, of);
      // The connection ended while the board was being read.
      if (!this.#readers.has(number)) this.#hub.unsubscribe(reader);
      return { number, fields };
    } catch (error) {
      this.#readers.delete(number);
      throw error;
    }
  }

  /** @throws Fault NOT_FOUND */
  remove(number: number): void {
    const reader = this.#readers.get(number);
    if (!reader)
      throw new Fault(
        'NOT_FOUND',
        `subscription: this connection has none numbered ${number}; use the number that subscribe answered`,
        {
          field: 'subscription',
          limit: 'subscriptions of this connection',
          fix: 'use the number that subscribe answered',
        },
      );
    this.#readers.delete(number);
    this.#hub.unsubscribe(reader);
  }

  clear(): void {
    for (const reader of this.#readers.values()) this.#hub.unsubscribe(reader);
    this.#readers.clear();
  }
}
