/** Requests and replies of one connection: each document takes its place in the reply queue, runs, and is answered in that place.
 *
 *  Order of effects: ticks are applied in the order sent; the rest as `mayStart` says. A request that must wait is `#held`, and a tick whose
 *  target is still being looked up is counted in `#lookUps`: both hold up every document behind them (`isBlocked`), because order is worth more
 *  than the moment it costs. Nothing here makes a promise, closure or timer for a tick whose target is known. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Request } from '@photofinish/shared/protocol/requests';
import { PROTOCOL_VERSION } from '@photofinish/shared/protocol/version';
import type { TickTarget } from '../board/catalogue.ts';
import type { FinalAnswer, FinalSink } from '../board/finals.ts';
import type { TickOutcome } from '../board/live-board.ts';
import { bucketKeyOf, mayWrite, type Principal, playerOf } from '../board/principal.ts';
import type { Acked } from '../board/tick-acks.ts';
import type { TickSink } from '../board/tick-intake.ts';
import type { Log } from '../observe/log.ts';
import { type AskType, ask, assertReadable, placesOf, weightOf } from './ask.ts';
import { internal, shuttingDown, tooFast } from './conversation-faults.ts';
import type { Hub } from './hub.ts';
import { errorReply, finalReply, okReply, sharedReply, tickReply } from './replies.ts';
import { ReplyQueue } from './reply-queue.ts';
import { idOf, notJson, type RequestId, readRequest } from './request-error.ts';
import { isChange, mayStart, type UnderWay } from './request-gate.ts';
import type { GatewayObserver, Services } from './services.ts';
import { type PushOutlet, Subscriptions, type SubscriptionsOwner } from './subscriptions.ts';
import { readTick } from './tick-document.ts';
import { tickRefusal } from './tick-refusal.ts';
import { TicksReply } from './ticks-reply.ts';
import { TokenBucket } from './token-bucket.ts';

export interface ConversationDeps {
  services: Services;
  hub: Hub;
  requestsPerSecondMax: number;
  log: Log;
  clock: () => number;
  observer: GatewayObserver;
}

export interface ConversationOwner {
  /** Where pushes that are framed already go by themselves. */
  readonly outbox: PushOutlet;
  /** A reply or push, in its turn. */
  send(document: string): void;
  /** An answer came: what was blocked may go on. */
  moved(): void;
}

/** Entries that replies under way on one connection may hold together: about 150 bytes each when all wait behind a slow one.
 *  A larger one lets a connection hold that much more memory; a smaller one than a request's own limit lets requests run one by one. */
const UNDER_WAY_MAX = 4_096;
/** A connection that goes on after as many refusals in a row as its rate allows requests is not read for so long. */
const FLOOD_PAUSE_MS = 1_000;
/** Coming back sooner would find a few tokens and be refused again. */
const RATE_WAIT_MS_MIN = 50;

export class Conversation implements TickSink, FinalSink, SubscriptionsOwner {
  readonly #deps: ConversationDeps;
  readonly #principal: Principal;
  readonly #owner: ConversationOwner;
  readonly #replies: ReplyQueue;
  /** Made with the first one (`idle.bytes`). */
  #subscriptions: Subscriptions | undefined;
  readonly #bucket: TokenBucket;
  readonly #underWay: UnderWay = { ticks: 0, changes: 0, abandons: 0 };
  #held: { ticket: number; request: Request } | undefined;
  #lookUps = 0;
  #refusedInARow = 0;
  #floodUntil = 0;
  #stopping = false;
  #closed = false;
  #loggedInternal = false;

  constructor(deps: ConversationDeps, principal: Principal, owner: ConversationOwner) {
    this.#deps = deps;
    this.#principal = principal;
    this.#owner = owner;
    this.#replies = new ReplyQueue(owner);
    this.#bucket = new TokenBucket(deps.requestsPerSecondMax, deps.clock());
  }

  /** Requests without an answer, or whose answer waits for one before it. */
  get size(): number {
    return this.#replies.size;
  }

  /** Whether the next document must wait. Starts the held request if it no longer has to. */
  isBlocked(now: number): boolean {
    const held = this.#held;
    if (held && mayStart(held.request.type, this.#underWay)) {
      this.#held = undefined;
      this.#start(held.ticket, held.request);
    }
    return (
      this.#held !== undefined ||
      this.#lookUps > 0 ||
      this.#replies.weight >= UNDER_WAY_MAX ||
      now < this.#floodUntil
    );
  }

  /** @param item a document, or what is wrong with its frame. Must not be called while blocked. */
  run(item: string | Fault, now: number): void {
    const admitted = this.#admit(now);
    if (typeof item !== 'string') {
      this.#refuse(null, admitted ? item : this.#tooFast());
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(item);
    } catch {
      this.#refuse(null, admitted ? notJson(item) : this.#tooFast());
      return;
    }
    if (!admitted) this.#refuse(idOf(value), this.#tooFast());
    else if (this.#stopping) this.#refuse(idOf(value), shuttingDown());
    else this.#runValue(value);
  }

  get outlet(): PushOutlet {
    return this.#owner.outbox;
  }

  hasLeft(ticket: number): boolean {
    return this.#replies.hasLeft(ticket);
  }

  push(document: string): void {
    this.#owner.send(document);
    this.#owner.moved();
  }

  /** From now on requests are refused; those under way are answered. */
  stop(): void {
    this.#stopping = true;
  }

  /** The socket is gone: answers that still come go nowhere. */
  close(): void {
    this.#closed = true;
    this.#held = undefined;
    this.#subscriptions?.clear();
  }

  ticked(ticket: number, outcome: TickOutcome, position: Acked): void {
    this.#underWay.ticks--;
    if (this.#closed) return;
    const id = this.#replies.idOf(ticket);
    if (outcome.refused) this.#answerFault(ticket, tickRefusal(outcome.refused));
    else this.#answer(ticket, tickReply(id, outcome, position));
  }

  tickFailed(ticket: number, fault: Fault): void {
    this.#underWay.ticks--;
    this.#answerFault(ticket, fault);
  }

  finalsStored(ticket: number, [answer]: readonly FinalAnswer[]): void {
    this.#underWay.changes--;
    if (this.#closed) return;
    if (answer) this.#answer(ticket, finalReply(this.#replies.idOf(ticket), answer));
    else this.#fail(ticket, new Error('a stored final came back without an answer'));
  }

  finalsFailed(ticket: number, error: unknown): void {
    this.#underWay.changes--;
    this.#fail(ticket, error);
  }

  #admit(now: number): boolean {
    if (this.#bucket.take(now)) {
      this.#refusedInARow = 0;
      return true;
    }
    if (++this.#refusedInARow >= this.#deps.requestsPerSecondMax) this.#floodUntil = now + FLOOD_PAUSE_MS;
    return false;
  }

  #runValue(value: unknown): void {
    const tick = readTick(value);
    if (tick) {
      this.#tick(this.#replies.reserve(tick.id, 1), tick);
      return;
    }
    const reading = readRequest(value);
    if ('fault' in reading) {
      this.#refuse(reading.id, reading.fault);
      return;
    }
    const { request } = reading;
    const ticket = this.#replies.reserve(request.id, weightOf(request));
    if (mayStart(request.type, this.#underWay)) this.#start(ticket, request);
    else this.#held = { ticket, request };
  }

  #start(ticket: number, request: Request): void {
    try {
      switch (request.type) {
        case 'tick':
          this.#tick(ticket, request);
          break;
        case 'ticks':
          this.#withTarget(ticket, request, (target) => this.#ticks(ticket, request, target));
          break;
        case 'final':
          this.#final(ticket, request);
          break;
        case 'ping':
          this.#ping(ticket, request.id);
          break;
        case 'subscribe':
          void this.#subscribe(ticket, request);
          break;
        case 'unsubscribe':
          this.#ownSubscriptions().remove(request.subscription);
          this.#answer(ticket, okReply(request.id, { subscription: request.subscription }));
          break;
        default:
          void this.#ask(ticket, request);
      }
    } catch (error) {
      this.#fail(ticket, error);
    }
  }

  #tick(ticket: number, tick: Request<'tick'>): void {
    try {
      const target = this.#deps.services.catalogue.target(tick);
      if (target instanceof Promise)
        void this.#lookUp(ticket, target, (found) => this.#submit(ticket, tick, found));
      else this.#submit(ticket, tick, target);
    } catch (error) {
      this.#fail(ticket, error);
    }
  }

  #submit(ticket: number, tick: Request<'tick'>, target: TickTarget): void {
    const player = playerOf(this.#principal, tick.player);
    mayWrite(this.#principal, target.season.board, 'ticks', player);
    const learning = target.door?.learn([player]);
    if (learning) void this.#lookUp(ticket, learning, () => this.#enter(ticket, player, tick, target));
    else this.#enter(ticket, player, tick, target);
  }

  #enter(ticket: number, player: string, tick: Request<'tick'>, target: TickTarget): void {
    target.door?.pass(player);
    const { score, delta, seq, columns, metadata } = tick;
    const bucketKey = bucketKeyOf(this.#principal, target.season.board, tick.bucketKey);
    const sent = { player, score, delta, seq, columns, metadata, bucketKey };
    this.#deps.services.intake.submit(target, sent, this.#principal.sub, { sink: this, ticket });
    this.#underWay.ticks++;
  }

  #ticks(ticket: number, request: Request<'ticks'>, target: TickTarget): void {
    const by = this.#principal;
    // Whether this role may send ticks at all is one answer for the whole request.
    mayWrite(by, target.season.board, 'ticks', by.sub);
    const entering = request.ticks.map(({ player }) => player);
    // A player's token can let nobody else into a match.
    const learning = target.door?.learn(by.role === 'player' ? [by.sub] : entering);
    if (learning) void this.#lookUp(ticket, learning, () => this.#enterAll(ticket, request, target));
    else this.#enterAll(ticket, request, target);
  }

  #enterAll(ticket: number, request: Request<'ticks'>, target: TickTarget): void {
    const { services, log } = this.#deps;
    const { board } = target.season;
    const by = this.#principal;
    const players = request.ticks.map((item) => item.player);
    const sink = new TicksReply({ id: request.id, players }, (text) => {
      this.#underWay.ticks--;
      this.#answer(ticket, text);
    });
    this.#underWay.ticks++;
    for (const [item, tick] of request.ticks.entries()) {
      try {
        mayWrite(by, board, 'ticks', tick.player);
        target.door?.pass(tick.player);
        const bucketKey = bucketKeyOf(by, board, tick.bucketKey);
        services.intake.submit(target, { ...tick, bucketKey }, by.sub, { sink, ticket: item });
      } catch (error) {
        if (!(error instanceof Fault)) this.#logInternal(error, log);
        sink.tickFailed(item, error instanceof Fault ? error : internal());
      }
    }
  }

  #final(ticket: number, request: Request<'final'>): void {
    this.#underWay.changes++;
    const sent = { match: request.match, finals: [request], end: false };
    this.#deps.services.finals.send(sent, this.#principal, { sink: this, ticket });
  }

  #withTarget(
    ticket: number,
    of: { match?: string | undefined; board?: string | undefined },
    then: (target: TickTarget) => void,
  ): void {
    const target = this.#deps.services.catalogue.target(of);
    if (target instanceof Promise) void this.#lookUp(ticket, target, then);
    else then(target);
  }

  /** `then` may look up again: the conversation stays blocked until all of it is done. */
  async #lookUp<T>(ticket: number, target: Promise<T>, then: (target: T) => void): Promise<void> {
    this.#lookUps++;
    try {
      const found = await target;
      if (!this.#closed) then(found);
    } catch (error) {
      this.#fail(ticket, error);
    }
    this.#lookUps--;
    this.#owner.moved();
  }

  #ownSubscriptions(): Subscriptions {
    this.#subscriptions ??= new Subscriptions(this.#deps.hub, this);
    return this.#subscriptions;
  }

  async #subscribe(ticket: number, request: Request<'subscribe'>): Promise<void> {
    try {
      const places = placesOf(request, this.#principal);
      await assertReadable(request, this.#principal, this.#deps.services.catalogue);
      // Nobody would end a subscription of a connection that went away meanwhile.
      if (this.#closed) return;
      const { number, fields } = await this.#ownSubscriptions().add({ ...request, places }, ticket);
      this.#answer(ticket, sharedReply(request.id, `"subscription":${number}`, fields));
    } catch (error) {
      this.#fail(ticket, error);
    }
  }

  async #ask(ticket: number, request: Request<AskType>): Promise<void> {
    const changes = isChange(request.type);
    if (changes) this.#underWay.changes++;
    if (request.type === 'match.abandon') this.#underWay.abandons++;
    let text: string | undefined;
    let failure: unknown;
    try {
      text = okReply(request.id, await ask(request, this.#principal, this.#deps.services));
    } catch (error) {
      failure = error;
    }
    if (changes) this.#underWay.changes--;
    if (request.type === 'match.abandon') this.#underWay.abandons--;
    if (text === undefined) this.#fail(ticket, failure);
    else this.#answer(ticket, text);
  }

  #ping(ticket: number, id: RequestId): void {
    this.#answer(ticket, okReply(id, { serverTime: this.#deps.clock(), protocol: PROTOCOL_VERSION }));
  }

  #refuse(id: RequestId | null, fault: Fault): void {
    this.#answerFault(this.#replies.reserve(id, 1), fault);
  }

  #fail(ticket: number, error: unknown): void {
    if (error instanceof Fault) {
      this.#answerFault(ticket, error);
      return;
    }
    this.#logInternal(error, this.#deps.log);
    this.#answerFault(ticket, internal());
  }

  #answerFault(ticket: number, fault: Fault): void {
    if (this.#closed) return;
    this.#deps.observer.failed(fault.code);
    this.#answer(ticket, errorReply(this.#replies.idOf(ticket), fault));
  }

  #answer(ticket: number, text: string): void {
    if (this.#closed) return;
    if (!this.#replies.answer(ticket, text))
      this.#logInternal(new Error('a request was answered twice'), this.#deps.log);
    this.#owner.moved();
  }

  /** Once per connection: a request that fails each time must not fill the disk. The counter has the rest. */
  #logInternal(error: unknown, log: Log): void {
    if (this.#loggedInternal) return;
    this.#loggedInternal = true;
    const stack = error instanceof Error ? error.stack : String(typeof error);
    log.error({ sub: this.#principal.sub, stack }, 'request failed unexpectedly');
  }

  #tooFast(): Fault {
    return tooFast(this.#deps.requestsPerSecondMax, Math.max(RATE_WAIT_MS_MIN, this.#bucket.waitMs));
  }
}
