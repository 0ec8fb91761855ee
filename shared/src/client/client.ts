/** The client for games and game servers: typed requests, resends and subscriptions over one lasting connection.
 *
 *  Every request is answered exactly once: with its reply, or with a Fault whose `code` says what to do. What was sent and not answered
 *  goes out again after a reconnect where a repeat changes nothing: ticks (by seq), finals, reads. A `match.start` does
 *  not: it fails with OUTCOME_UNKNOWN. A request that waits past `requestTimeoutMs` fails with OUTCOME_UNKNOWN too, or with UNAVAILABLE if it
 *  never went out. */
import { Fault } from '../protocol/errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Push } from '../protocol/pushes.ts';
import type { Reply } from '../protocol/replies.ts';
import type { RequestBody, RequestType } from '../protocol/requests.ts';
import { type BackoffRules, RECONNECT_BACKOFF } from './backoff.ts';
import type { PlacesView } from './board-view.ts';
import { Connection, type ConnectionState, type Down, type TokenSource } from './connection.ts';
import { type Answered, InFlight, type PendingRequest, unanswered } from './in-flight.ts';
import { documentsOf, faultOf, type Incoming } from './incoming.ts';
import { KEPT, keeping } from './keeping.ts';
import { framesOf, isTooBig } from './outgoing.ts';
import { pagesOf } from './pages.ts';
import { Redo, type RedoCount } from './redo.ts';
import { SeqSource } from './seq.ts';
import {
  type AroundBody,
  type PlayersBody,
  type Subscription,
  Subscriptions,
  type TopBody,
  type ViewListener,
} from './subscriptions.ts';
import { SURROUNDINGS, type Surroundings } from './surroundings.ts';

export interface ClientOptions extends Partial<Surroundings> {
  /** Of the server's WebSocket: `ws://127.0.0.1:8080/v1/ws`. */
  url: string;
  /** A token, or what gives one: asked before every connection, so that an expired one is replaced. */
  token: TokenSource;
  /** How long a request waits for its answer, reconnects included; 10,000. */
  requestTimeoutMs?: number;
  /** Requests without an answer; one more is refused with OVERLOADED. 1,000: what the server also lets wait in some seconds. */
  inFlightMax?: number;
  /** How often one request may go out, over all reconnects; 5. */
  sendsMax?: number;
  connectTimeoutMs?: number;
  /** After this long without a word from the server it is asked for one; 15,000. 0 turns it off. */
  heartbeatMs?: number;
  backoff?: BackoffRules;
  /** Acked ticks that are kept until the server says that they are committed, and sent again when Redis and a server are lost together;
   *  10,000, some 300 bytes each. 0 turns it off, and with it one subscription per board that ticks are sent to. */
  redoTicksMax?: number;
  /** The connection's state changed. `why` when it went down. */
  onState?: (state: ConnectionState, why: Down | undefined) => void;
  /** The server said that it is about to stop. */
  onStopping?: (push: Push<'stopping'>) => void;
  /** An error that belongs to no request. */
  onFault?: (fault: Fault) => void;
}

const DEFAULTS = {
  requestTimeoutMs: 10_000,
  inFlightMax: 1_000,
  sendsMax: 5,
  connectTimeoutMs: 10_000,
  heartbeatMs: 15_000,
  backoff: RECONNECT_BACKOFF,
  redoTicksMax: 10_000,
};

interface Waiter {
  resolve: () => void;
  reject: (fault: Fault) => void;
}

export class Client {
  readonly #options: ClientOptions & typeof DEFAULTS;
  readonly #around: Surroundings;
  readonly #connection: Connection;
  readonly #inFlight: InFlight;
  readonly #subscriptions: Subscriptions;
  readonly #redo: Redo | undefined;
  readonly #seq: SeqSource;
  #nextId = 1;
  #connections = 0;
  #held = false;
  #outgoing: string[] = [];
  #timer: unknown;
  #heartbeat: unknown;
  #heardAt = 0;
  #waiters: Waiter[] = [];
  #ended: Down | undefined;

  /** Begins to connect at once. */
  constructor(options: ClientOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#around = { ...SURROUNDINGS, ...options };
    this.#inFlight = new InFlight(this.#options.sendsMax);
    this.#seq = new SeqSource(this.#around.now);
    const { url, token, backoff, connectTimeoutMs } = this.#options;
    this.#connection = new Connection({ url, token, backoff, connectTimeoutMs }, this.#around, {
      opened: () => this.#opened(),
      heard: (text) => this.#heard(text),
      down: (state, why) => this.#down(state, why),
    });
    this.#subscriptions = new Subscriptions(
      {
        isOpen: () => this.#connection.state === 'open',
        subscribe: (body, answered) => this.send('subscribe', body, answered),
        unsubscribe: (subscription) => {
          if (this.#connection.state === 'open') this.send('unsubscribe', { subscription }, () => {});
        },
      },
      this.#around,
      backoff,
    );
    const { redoTicksMax } = this.#options;
    if (redoTicksMax > 0)
      this.#redo = new Redo(
        {
          isOpen: () => this.#connection.state === 'open',
          send: (type, body, answered) => this.#send(type, body, { answered, first: true }),
          hold: (held) => this.#hold(held),
        },
        this.#around,
        redoTicksMax,
      );
    this.#connection.connect();
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Requests without an answer. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** What became of acked ticks that were not committed yet; undefined without redo. */
  get redo(): RedoCount | undefined {
    return this.#redo?.count;
  }

  /** Resolves when the connection is open, now or at last. @throws Fault UNAVAILABLE when it has ended for good */
  opened(): Promise<void> {
    if (this.#connection.state === 'open') return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (this.#ended) reject(endFault(this.#ended));
      else this.#waiters.push({ resolve, reject });
    });
  }

  request<T extends RequestType>(type: T, body: RequestBody<T>): Promise<Reply<T>> {
    return new Promise((resolve, reject) => {
      this.send(type, body, (answer) => {
        if (answer instanceof Fault) reject(answer);
        else resolve(answer);
      });
    });
  }

  tick = (body: RequestBody<'tick'>) => this.request('tick', body);
  ticks = (body: RequestBody<'ticks'>) => this.request('ticks', body);
  matchStart = (board: string, roster?: string[]) =>
    this.request('match.start', { board, ...(roster ? { roster } : {}) });
  final = (body: RequestBody<'final'>) => this.request('final', body);
  matchAbandon = (match: string) => this.request('match.abandon', { match });
  matchEnd = (body: RequestBody<'match.end'>) => this.request('match.end', body);
  top = (body: RequestBody<'top'>) => this.request('top', body);
  /** The entries with a score in a range, and how many there are. */
  range = (body: RequestBody<'range'>) => this.request('range', body);
  around = (body: RequestBody<'around'>) => this.request('around', body);
  rank = (body: RequestBody<'rank'>) => this.request('rank', body);
  /** Answered when all scores of the board that were acked before it are committed. */
  barrier = (body: RequestBody<'barrier'>) => this.request('barrier', body);
  ping = () => this.request('ping', {});

  /** The whole board from the top, or from `cursor`, page by page: `for await (const page of client.pages({ board }))`. */
  pages = (body: RequestBody<'top'>) => pagesOf((cursor = body.cursor) => this.top({ ...body, cursor }));
  /** The same of a range of scores. */
  rangePages = (body: RequestBody<'range'>) =>
    pagesOf((cursor = body.cursor) => this.range({ ...body, cursor }));

  /** The same without a promise: `answered` is called once, at once where the request cannot be taken. */
  send<T extends RequestType>(type: T, body: RequestBody<T>, answered: Answered<T>): void {
    const whole = this.#withSeq(type, body);
    const redo = this.#redo;
    this.#send(type, whole, {
      answered: redo && KEPT.has(type) ? keeping(redo, type, whole, answered) : answered,
      first: false,
    });
  }

  #send<T extends RequestType>(
    type: T,
    body: object,
    { answered, first }: { answered: Answered<T>; first: boolean },
  ): void {
    const refusal = this.#refusal(type);
    if (refusal) {
      answered(refusal);
      return;
    }
    const id = this.#nextId++;
    const text = JSON.stringify({ type, id, ...body });
    if (isTooBig(text)) {
      answered(
        new Fault('INVALID_REQUEST', `${type}: the request is past the frame limit`, {
          limit: `at most ${LIMITS.frameBytesMax} bytes`,
          fix: 'send fewer items per request',
        }),
      );
      return;
    }
    const request: PendingRequest = {
      id,
      type,
      text,
      answered: answered as Answered<RequestType>,
      deadline: this.#around.now() + this.#options.requestTimeoutMs,
      ...{ sends: 0, first, sentOn: 0 },
    };
    this.#inFlight.add(request);
    this.#watch();
    if (this.#connection.state === 'open' && (first || !this.#held)) this.#put(request);
  }

  #hold(held: boolean): void {
    this.#held = held;
    if (!held && this.#connection.state === 'open') this.#putUnsent();
  }

  #putUnsent(): void {
    for (const request of this.#inFlight.all())
      if (request.sentOn !== this.#connections && (request.first || !this.#held)) this.#put(request);
  }

  /** News of a board's first places, from now on and over every reconnect. */
  subscribe(body: TopBody, listener: ViewListener): Subscription {
    return this.#subscriptions.addTop(body, listener);
  }

  /** The same of a player and the neighbours: no entries while the player has no place. */
  subscribeAround(body: AroundBody, listener: ViewListener<PlacesView>): Subscription<PlacesView> {
    return this.#subscriptions.addPlaces({ view: 'around', ...body }, listener);
  }

  /** The same of the ranks of some players, in the order asked. */
  subscribePlayers(body: PlayersBody, listener: ViewListener<PlacesView>): Subscription<PlacesView> {
    return this.#subscriptions.addPlaces({ view: 'players', ...body }, listener);
  }

  /** Ends the connection. What has no answer fails. */
  close(): void {
    this.#connection.end({ code: 1000, reason: 'closed by this client' });
  }

  #refusal(type: RequestType): Fault | undefined {
    if (this.#ended) return endFault(this.#ended);
    const { inFlightMax } = this.#options;
    if (this.#inFlight.size < inFlightMax) return undefined;
    return new Fault(
      'OVERLOADED',
      `${type}: ${inFlightMax} requests wait for an answer already; nothing was sent`,
      {
        limit: `at most ${inFlightMax} requests without an answer (inFlightMax)`,
        fix: 'wait for answers, or send fewer',
      },
    );
  }

  #withSeq<T extends RequestType>(type: T, body: RequestBody<T>): object {
    if (type === 'tick') return { seq: this.#seq.next(), ...withoutUndefinedSeq(body) };
    if (type !== 'ticks') return body;
    const { ticks } = body as RequestBody<'ticks'>;
    return { ...body, ticks: ticks.map((tick) => ({ seq: this.#seq.next(), ...withoutUndefinedSeq(tick) })) };
  }

  /** Documents of one turn leave together: one frame costs a fraction of many. */
  #put(request: PendingRequest): void {
    request.sends += 1;
    request.sentOn = this.#connections;
    this.#outgoing.push(request.text);
    if (this.#outgoing.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const documents = this.#outgoing;
    this.#outgoing = [];
    for (const frame of framesOf(documents)) this.#connection.send(frame);
  }

  #opened(): void {
    this.#heardAt = this.#around.now();
    this.#outgoing = [];
    this.#connections += 1;
    this.#redo?.opened();
    this.#putUnsent();
    this.#subscriptions.opened();
    this.#beat();
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.resolve();
    this.#options.onState?.('open', undefined);
  }

  #heard(frame: string): void {
    this.#heardAt = this.#around.now();
    let documents: Incoming[];
    try {
      documents = documentsOf(frame);
    } catch {
      this.#connection.drop('the server sent what is not JSON');
      return;
    }
    for (const document of documents) this.#take(document);
  }

  #take(document: Incoming): void {
    if (document.type === 'ok') {
      this.#inFlight.take(document.id as number)?.answered(document);
    } else if (document.type === 'error') {
      const fault = faultOf(document);
      const request = document.id === null ? undefined : this.#inFlight.take(document.id as number);
      if (request) request.answered(fault);
      else this.#options.onFault?.(fault);
    } else if (document.type === 'stopping') {
      this.#options.onStopping?.(document);
    } else if (document.type === 'watermark') {
      this.#redo?.pushed(document);
    } else {
      this.#subscriptions.pushed(document);
    }
  }

  #down(state: 'waiting' | 'ended', why: Down): void {
    this.#around.clearTimer(this.#heartbeat);
    this.#outgoing = [];
    this.#subscriptions.down();
    this.#redo?.down();
    if (state === 'ended') this.#end(why);
    else this.#fail(this.#inFlight.takeBroken(), `the connection was lost (${text(why)})`);
    this.#options.onState?.(state, why);
  }

  #end(why: Down): void {
    this.#ended = why;
    this.#around.clearTimer(this.#timer);
    this.#subscriptions.ended();
    this.#redo?.stop();
    this.#fail(this.#inFlight.takeAll(), `the connection has ended (${text(why)})`);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(endFault(why));
  }

  #fail(requests: readonly PendingRequest[], why: string): void {
    for (const request of requests) request.answered(unanswered(request, why));
  }

  /** One timer for all requests, at the oldest deadline. */
  #watch(): void {
    if (this.#timer !== undefined) return;
    const deadline = this.#inFlight.oldestDeadline;
    if (deadline === undefined) return;
    this.#timer = this.#around.setTimer(() => this.#sweep(), Math.max(1, deadline - this.#around.now()));
  }

  #sweep(): void {
    this.#timer = undefined;
    const { requestTimeoutMs } = this.#options;
    const now = this.#around.now();
    const expired = this.#inFlight.takeExpired(now);
    this.#fail(expired, this.#connection.silence(requestTimeoutMs));
    if (expired.length > 0 && now - this.#heardAt >= requestTimeoutMs)
      this.#connection.drop(`the server said nothing for ${requestTimeoutMs} ms`);
    this.#watch();
  }

  /** A connection that died without a word is only noticed by asking: the ping's own timeout gives the socket up. */
  #beat(): void {
    const { heartbeatMs } = this.#options;
    if (heartbeatMs === 0) return;
    this.#heartbeat = this.#around.setTimer(() => {
      if (this.#around.now() - this.#heardAt >= heartbeatMs && this.#inFlight.size === 0)
        this.send('ping', {}, () => {});
      this.#beat();
    }, heartbeatMs);
  }
}

const text = (why: Down): string => (why.reason === '' ? `code ${why.code}` : `${why.code}: ${why.reason}`);

const endFault = (why: Down): Fault =>
  new Fault('UNAVAILABLE', `the connection has ended (${text(why)})`, { fix: 'make a new client' });

/** A seq written as undefined means none was given, and must not hide the one that we give. */
function withoutUndefinedSeq<T extends object>(body: T): T {
  if (!('seq' in body) || body.seq !== undefined) return body;
  const { seq: _, ...rest } = body;
  return rest as unknown as T;
}
