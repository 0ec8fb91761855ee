/** Keeps views of boards up to date over reconnects.
 *
 *  Invariant: a listener sees only whole views, each of one moment. A delta that does not fit ends the subscription that
 *  it came on, and a new one brings the whole view again. */
import { Fault } from '../protocol/errors.ts';
import type { Push } from '../protocol/pushes.ts';
import { type BackoffRules, backoffMs } from './backoff.ts';
import { applyDelta, type BoardView, viewOf } from './board-view.ts';
import type { Answered } from './in-flight.ts';
import type { Surroundings } from './surroundings.ts';

export interface ViewListener {
  view(view: BoardView): void;
  /** How much a loss of Redis now could cost: sent beside the view. */
  window?(window: Push<'window'>): void;
  /** The server will not give this subscription: it is over. */
  fault?(fault: Fault): void;
}

export interface Subscription {
  readonly view: BoardView | undefined;
  close(): void;
}

/** What a subscription to a board's first places names. */
export interface TopBody {
  board: string;
  /** On boards with buckets: the ranking of this one alone. */
  bucket?: string;
  limit?: number;
}

/** How a subscription speaks to the server. */
export interface SubscriptionLink {
  isOpen(): boolean;
  subscribe(body: TopBody, answered: Answered<'subscribe'>): void;
  unsubscribe(subscription: number): void;
}

export class Subscriptions {
  readonly #link: SubscriptionLink;
  readonly #around: Surroundings;
  readonly #backoff: BackoffRules;
  readonly #all = new Set<TopSubscription>();
  readonly #byNumber = new Map<number, TopSubscription>();

  constructor(link: SubscriptionLink, around: Surroundings, backoff: BackoffRules) {
    this.#link = link;
    this.#around = around;
    this.#backoff = backoff;
  }

  add(body: TopBody, listener: ViewListener): Subscription {
    const subscription = new TopSubscription(body, listener, {
      ask: () => this.#ask(subscription),
      drop: (number) => {
        if (this.#byNumber.delete(number)) this.#link.unsubscribe(number);
      },
      later: (attempt, leastMs) => {
        const waitMs = Math.max(leastMs, backoffMs(this.#backoff, attempt, this.#around.random));
        return this.#around.setTimer(() => this.#ask(subscription), waitMs);
      },
      forget: (timer) => {
        this.#around.clearTimer(timer);
        this.#all.delete(subscription);
      },
    });
    this.#all.add(subscription);
    this.#ask(subscription);
    return subscription;
  }

  opened(): void {
    for (const subscription of this.#all) this.#ask(subscription);
  }

  down(): void {
    this.#byNumber.clear();
    for (const subscription of this.#all) subscription.lost();
  }

  ended(): void {
    for (const subscription of this.#all) subscription.close();
  }

  pushed(push: Push<'snapshot' | 'delta' | 'window'>): void {
    this.#byNumber.get(push.subscription)?.pushed(push);
  }

  #ask(subscription: TopSubscription): void {
    if (!this.#all.has(subscription) || !this.#link.isOpen() || !subscription.asks()) return;
    this.#link.subscribe(subscription.body, (answer) => {
      if (answer instanceof Fault) {
        subscription.refused(answer);
        return;
      }
      if (!('entries' in answer)) return;
      this.#byNumber.set(answer.subscription, subscription);
      subscription.begun(answer.subscription, viewOf(answer));
    });
  }
}

interface Upkeep {
  ask(): void;
  drop(subscription: number): void;
  later(attempt: number, leastMs: number): unknown;
  forget(timer: unknown): void;
}

class TopSubscription implements Subscription {
  readonly body: TopBody;
  readonly #listener: ViewListener;
  readonly #upkeep: Upkeep;
  #view: BoardView | undefined;
  /** The server's number for it, on the present connection. */
  #number: number | undefined;
  #asking = false;
  #closed = false;
  #attempt = 0;
  #timer: unknown;

  constructor(body: TopBody, listener: ViewListener, upkeep: Upkeep) {
    this.body = body;
    this.#listener = listener;
    this.#upkeep = upkeep;
  }

  get view(): BoardView | undefined {
    return this.#view;
  }

  /** True once per subscribe that should go out. */
  asks(): boolean {
    if (this.#asking || this.#number !== undefined) return false;
    this.#asking = true;
    return true;
  }

  begun(number: number, view: BoardView): void {
    this.#asking = false;
    this.#number = number;
    if (this.#closed) this.#release();
    else this.#show(view);
  }

  refused(fault: Fault): void {
    this.#asking = false;
    if (this.#closed) return;
    if (fault.retryable) {
      this.#again(fault.detail.retryAfterMs ?? 0);
      return;
    }
    this.close();
    this.#listener.fault?.(fault);
  }

  lost(): void {
    this.#number = undefined;
    this.#asking = false;
  }

  pushed(push: Push<'snapshot' | 'delta' | 'window'>): void {
    if (push.type === 'window') {
      this.#listener.window?.(push);
      return;
    }
    const next = push.type === 'snapshot' ? viewOf(push) : this.#view && applyDelta(this.#view, push);
    if (next) {
      this.#attempt = 0;
      this.#show(next);
      return;
    }
    this.#release();
    this.#again(0);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#release();
    this.#upkeep.forget(this.#timer);
  }

  #show(view: BoardView): void {
    this.#view = view;
    this.#listener.view(view);
  }

  #release(): void {
    if (this.#number !== undefined) this.#upkeep.drop(this.#number);
    this.#number = undefined;
  }

  #again(leastMs: number): void {
    this.#timer = this.#upkeep.later(this.#attempt, leastMs);
    this.#attempt += 1;
  }
}
