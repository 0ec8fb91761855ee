/** Keeps views of boards up to date over reconnects.
 *
 *  Invariant: a listener sees only whole views, each of one moment. A delta that does not fit ends the subscription that
 *  it came on, and a new one brings the whole view again. */
import { Fault } from '../protocol/errors.ts';
import type { Push } from '../protocol/pushes.ts';
import type { Reply } from '../protocol/replies.ts';
import type { RequestBody } from '../protocol/requests.ts';
import { type BackoffRules, backoffMs } from './backoff.ts';
import { applyDelta, type BoardView, type PlacesView, placesOf, viewOf } from './board-view.ts';
import type { Answered } from './in-flight.ts';
import type { Surroundings } from './surroundings.ts';

export interface ViewListener<V = BoardView> {
  view(view: V): void;
  /** How much a loss of Redis now could cost: sent beside the view of the first places. */
  window?(window: Push<'window'>): void;
  /** The server will not give this subscription: it is over. */
  fault?(fault: Fault): void;
}

export interface Subscription<V = BoardView> {
  readonly view: V | undefined;
  close(): void;
}

/** What a subscription to a board's first places names. */
export interface TopBody {
  board: string;
  /** On boards with buckets: the ranking of this one alone. */
  bucket?: string;
  limit?: number;
}

/** A player and the neighbours: a player's own where none is named. 5 above and 5 below when left out. */
export interface AroundBody {
  board: string;
  bucket?: string;
  player?: string;
  above?: number;
  below?: number;
}

/** The ranks of some players: a player's own where none are named. */
export interface PlayersBody {
  board: string;
  players?: string[];
}

type ViewPush = Push<'snapshot' | 'delta' | 'places' | 'window'>;
type ViewReply = Extract<Reply<'subscribe'>, { entries: unknown }>;

/** How a view begins and goes on. */
interface Kind<V> {
  first(answer: ViewReply): V;
  /** undefined: the push does not fit, and the whole view must be asked for again. */
  next(view: V | undefined, push: ViewPush): V | undefined;
}

const TOP: Kind<BoardView> = {
  // The entries of view `top` all have a rank.
  first: (answer) => viewOf(answer as BoardView),
  next(view, push) {
    if (push.type === 'snapshot') return viewOf(push);
    return push.type === 'delta' ? view && applyDelta(view, push) : undefined;
  },
};

const PLACES: Kind<PlacesView> = {
  first: placesOf,
  next: (_, push) => (push.type === 'places' ? placesOf(push) : undefined),
};

/** How a subscription speaks to the server. */
export interface SubscriptionLink {
  isOpen(): boolean;
  subscribe(body: RequestBody<'subscribe'>, answered: Answered<'subscribe'>): void;
  unsubscribe(subscription: number): void;
}

export class Subscriptions {
  readonly #link: SubscriptionLink;
  readonly #around: Surroundings;
  readonly #backoff: BackoffRules;
  readonly #all = new Set<Upkept>();
  readonly #byNumber = new Map<number, Upkept>();

  constructor(link: SubscriptionLink, around: Surroundings, backoff: BackoffRules) {
    this.#link = link;
    this.#around = around;
    this.#backoff = backoff;
  }

  addTop(body: TopBody, listener: ViewListener): Subscription {
    return this.#add(body, listener, TOP);
  }

  addPlaces(
    body: ({ view: 'around' } & AroundBody) | ({ view: 'players' } & PlayersBody),
    listener: ViewListener<PlacesView>,
  ): Subscription<PlacesView> {
    return this.#add(body, listener, PLACES);
  }

  #add<V>(body: RequestBody<'subscribe'>, listener: ViewListener<V>, kind: Kind<V>): Subscription<V> {
    const subscription = new ViewSubscription<V>(body, listener, kind, {
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

  pushed(push: ViewPush): void {
    this.#byNumber.get(push.subscription)?.pushed(push);
  }

  #ask(subscription: Upkept): void {
    if (!this.#all.has(subscription) || !this.#link.isOpen() || !subscription.asks()) return;
    this.#link.subscribe(subscription.body, (answer) => {
      if (answer instanceof Fault) {
        subscription.refused(answer);
        return;
      }
      if (!('entries' in answer)) return;
      this.#byNumber.set(answer.subscription, subscription);
      subscription.begun(answer.subscription, answer);
    });
  }
}

interface Upkeep {
  ask(): void;
  drop(subscription: number): void;
  later(attempt: number, leastMs: number): unknown;
  forget(timer: unknown): void;
}

/** A subscription as its upkeep sees it, whatever its view is. */
type Upkept = Pick<
  ViewSubscription<unknown>,
  'body' | 'asks' | 'begun' | 'refused' | 'lost' | 'pushed' | 'close'
>;

class ViewSubscription<V> implements Subscription<V> {
  readonly body: RequestBody<'subscribe'>;
  readonly #listener: ViewListener<V>;
  readonly #kind: Kind<V>;
  readonly #upkeep: Upkeep;
  #view: V | undefined;
  /** The server's number for it, on the present connection. */
  #number: number | undefined;
  #asking = false;
  #closed = false;
  #attempt = 0;
  #timer: unknown;

  constructor(body: RequestBody<'subscribe'>, listener: ViewListener<V>, kind: Kind<V>, upkeep: Upkeep) {
    this.body = body;
    this.#listener = listener;
    this.#kind = kind;
    this.#upkeep = upkeep;
  }

  get view(): V | undefined {
    return this.#view;
  }

  /** True once per subscribe that should go out. */
  asks(): boolean {
    if (this.#asking || this.#number !== undefined) return false;
    this.#asking = true;
    return true;
  }

  begun(number: number, answer: ViewReply): void {
    this.#asking = false;
    this.#number = number;
    if (this.#closed) this.#release();
    else this.#show(this.#kind.first(answer));
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

  pushed(push: ViewPush): void {
    if (push.type === 'window') {
      this.#listener.window?.(push);
      return;
    }
    const next = this.#kind.next(this.#view, push);
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

  #show(view: V): void {
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
