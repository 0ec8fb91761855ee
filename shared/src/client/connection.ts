/** One lasting connection over many sockets.
 *
 *  connecting --open--> open --close--> waiting --jittered wait--> connecting
 *  Any state goes to `ended` by `end`, or by a close or refusal that says not to come back unchanged.
 *
 *  Invariant: at most one socket speaks at a time. Handlers of a socket that was given up are taken off it first, so that
 *  nothing it still says is heard. */
import { mayComeBack } from '../protocol/closes.ts';
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../protocol/version.ts';
import { type BackoffRules, backoffMs } from './backoff.ts';
import { refusalStatus, type Socket, type Surroundings } from './surroundings.ts';

export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'ended';

/** Why a connection is not open. `code` is the WebSocket close code, or the HTTP status of a refused upgrade, 0 for neither. */
export interface Down {
  code: number;
  reason: string;
  /** How long until it tries again by itself; absent when it will not. */
  retryInMs?: number;
}

export type TokenSource = string | (() => string | Promise<string>);

export interface ConnectionListener {
  opened(): void;
  heard(text: string): void;
  /** `state` is `waiting` (it comes back by itself) or `ended`. */
  down(state: 'waiting' | 'ended', why: Down): void;
}

export interface ConnectionRules {
  url: string;
  token: TokenSource;
  backoff: BackoffRules;
  connectTimeoutMs: number;
}

/** A socket that stayed open this long did work: the next wait starts from the base again. */
const SETTLED_MS = 5_000;
/** Ours, for sockets that we give up; within the range that browsers let a page use. */
const GIVEN_UP = 4000;
const NORMAL = 1000;
const TOKEN_EXPIRED = 4401;
const UNAUTHENTICATED = 401;

/** Of the refusals before the upgrade, those that a wait can cure: timeout, too early, too many, and the server's own. */
const refusalMayComeBack = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status);

export class Connection {
  readonly #rules: ConnectionRules;
  readonly #around: Surroundings;
  readonly #listener: ConnectionListener;
  #state: ConnectionState = 'waiting';
  #socket: Socket | undefined;
  #timer: unknown;
  #attempt = 0;
  #openedAt = 0;
  /** Of the last connection, or attempt at one. */
  #lostFor = '';
  #token = '';
  /** A token that the server turned away: coming back with the same one would be coming back unchanged. */
  #refusedToken: string | undefined;

  constructor(rules: ConnectionRules, around: Surroundings, listener: ConnectionListener) {
    this.#rules = rules;
    this.#around = around;
    this.#listener = listener;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Why a request has had no answer for so long. */
  silence(forMs: number): string {
    if (this.#state === 'open') return `none within ${forMs} ms`;
    const why = this.#lostFor === '' ? '' : ` (${this.#lostFor})`;
    return `no connection to ${this.#rules.url} within ${forMs} ms${why}`;
  }

  connect(): void {
    if (this.#state !== 'waiting') return;
    this.#around.clearTimer(this.#timer);
    this.#state = 'connecting';
    this.#timer = this.#around.setTimer(
      () => this.#lost({ code: 0, reason: `no connection within ${this.#rules.connectTimeoutMs} ms` }, true),
      this.#rules.connectTimeoutMs,
    );
    const { token } = this.#rules;
    if (typeof token === 'string') {
      this.#open(token);
      return;
    }
    const timer = this.#timer;
    const stillWanted = () => this.#state === 'connecting' && this.#timer === timer;
    Promise.resolve()
      .then(token)
      .then(
        (fresh) => {
          if (stillWanted()) this.#open(fresh);
        },
        (error: unknown) => {
          if (stillWanted()) this.#lost({ code: 0, reason: `no token: ${String(error)}` }, true);
        },
      );
  }

  /** False when there is no open socket: nothing was sent. */
  send(text: string): boolean {
    if (this.#state !== 'open' || !this.#socket) return false;
    this.#socket.send(text);
    return true;
  }

  /** Gives the socket up and comes back on a new one. */
  drop(reason: string): void {
    if (this.#state === 'open') this.#lost({ code: GIVEN_UP, reason }, true);
  }

  end(why: Down): void {
    if (this.#state !== 'ended') this.#lost(why, false);
  }

  #open(token: string): void {
    if (token === this.#refusedToken) {
      this.#lost({ code: UNAUTHENTICATED, reason: 'the token was refused before; give a new one' }, false);
      return;
    }
    this.#token = token;
    let socket: Socket;
    try {
      socket = this.#around.openSocket(this.#rules.url, [SUBPROTOCOL, BEARER_SUBPROTOCOL_PREFIX + token]);
    } catch (error) {
      this.#lost({ code: 0, reason: error instanceof Error ? error.message : String(error) }, false);
      return;
    }
    this.#socket = socket;
    let status: number | undefined;
    let failure = '';
    socket.onopen = () => this.#opened();
    socket.onmessage = (event: { data: unknown }) => {
      if (typeof event.data === 'string') this.#listener.heard(event.data);
    };
    socket.onerror = (event: unknown) => {
      status = refusalStatus(event);
      failure = String((event as { message?: unknown }).message ?? '');
    };
    socket.onclose = (event: { code: number; reason: string }) => {
      if (status !== undefined) this.#refused(status);
      else this.#closed(event.code, event.reason || failure);
    };
  }

  #opened(): void {
    this.#around.clearTimer(this.#timer);
    this.#state = 'open';
    this.#openedAt = this.#around.now();
    this.#refusedToken = undefined;
    this.#listener.opened();
  }

  #refused(status: number): void {
    const why = { code: status, reason: `the server refused the connection with status ${status}` };
    this.#lost(why, status === UNAUTHENTICATED ? this.#needsNewToken() : refusalMayComeBack(status));
  }

  #closed(code: number, reason: string): void {
    this.#lost({ code, reason }, code === TOKEN_EXPIRED ? this.#needsNewToken() : mayComeBack(code));
  }

  /** True when there is a source that may give another token than the one just turned away. */
  #needsNewToken(): boolean {
    this.#refusedToken = this.#token;
    return typeof this.#rules.token === 'function';
  }

  #lost(why: Down, comeBack: boolean): void {
    this.#lostFor = why.reason;
    this.#around.clearTimer(this.#timer);
    this.#release(comeBack ? GIVEN_UP : NORMAL);
    if (this.#state === 'open' && this.#around.now() - this.#openedAt >= SETTLED_MS) this.#attempt = 0;
    this.#state = comeBack ? 'waiting' : 'ended';
    if (!comeBack) {
      this.#listener.down('ended', why);
      return;
    }
    const retryInMs = backoffMs(this.#rules.backoff, this.#attempt, this.#around.random);
    this.#attempt += 1;
    this.#timer = this.#around.setTimer(() => this.connect(), retryInMs);
    this.#listener.down('waiting', { ...why, retryInMs });
  }

  #release(code: number): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    // Closing a socket that is still connecting raises an error event, which must find someone who ignores it.
    socket.onerror = () => {};
    try {
      socket.close(this.#state === 'open' ? code : undefined);
    } catch {
      // It was closed already.
    }
  }
}
