/** One connection, from its first frame to its close.
 *
 *  Frames become documents in an inbox, which run one after another (conversation.ts); what a turn produced leaves in one frame at the
 *  turn's end. While the conversation is blocked or the outbox congested the socket is not read: refusing with OVERLOADED instead would
 *  itself make replies, which wait in the same queue. So the inbox holds at most what one chunk of the socket and one frame carried, and
 *  a client that sends faster than it reads is slowed down by its own TCP connection.
 *
 *  No event handler throws: what goes wrong in one closes this connection and no other.
 *
 *  A session is what its socket, its outbox and its conversation tell things to, by itself: an object and a closure for each would be a third
 *  of what an idle connection costs (`idle.bytes`), and one more call per frame (`ack.single`). */
import { CLOSES } from '@photofinish/shared/protocol/closes';
import type { Fault } from '@photofinish/shared/protocol/errors';
import type { Principal } from '../board/principal.ts';
import { Conversation, type ConversationDeps, type ConversationOwner } from './conversation.ts';
import { binaryFrame, documentsOf } from './frame-documents.ts';
import type { SocketListener } from './gateway-socket.ts';
import { Outbox, type OutboxConnection, type OutboxOwner, type OutboxSettings } from './outbox.ts';
import type { Turn, TurnMember } from './turn.ts';

/** The public part of a `ws` socket that a session uses. */
export interface SessionSocket {
  readonly isPaused: boolean;
  pause(): void;
  resume(): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface SessionDeps extends ConversationDeps {
  turn: Turn;
  outbox: OutboxSettings;
  pingIntervalMs: number;
  slowReaderMs: number;
  /** The connection has closed. */
  left(session: Session, code: number): void;
}

/** A peer that does not answer our close frame in this time is cut off. */
const CLOSE_WAIT_MS = 5_000;

export class Session implements TurnMember, SocketListener, OutboxOwner, ConversationOwner {
  readonly principal: Principal;
  readonly #deps: SessionDeps;
  readonly #socket: SessionSocket;
  readonly #outbox: Outbox;
  readonly #conversation: Conversation;
  readonly #inbox: (string | Fault)[] = [];
  #next = 0;
  #pumping = false;
  #inTurn = false;
  #stopping = false;
  #closingSince: number | undefined;
  /** Something came from the peer since the last ping. */
  #heard = true;
  #pingAt: number;
  #progress = 0;
  #progressAt: number;

  /** @param connection under the socket */
  constructor(
    deps: SessionDeps,
    { socket, connection }: { socket: SessionSocket; connection: OutboxConnection },
    principal: Principal,
  ) {
    this.#deps = deps;
    this.#socket = socket;
    this.principal = principal;
    this.#progressAt = deps.clock();
    this.#pingAt = this.#progressAt + deps.pingIntervalMs;
    this.#outbox = new Outbox(connection, deps.outbox, this);
    this.#conversation = new Conversation(deps, principal, this);
  }

  /** Of the conversation: where pushes that are framed already go by themselves. */
  get outbox(): Outbox {
    return this.#outbox;
  }

  /** Of the conversation: a reply or push, in its turn. */
  send(document: string): void {
    this.#outbox.push(document);
  }

  /** Of the conversation, and where what was blocked may go on: at the end of the turn everything moves. */
  moved(): void {
    if (this.#inTurn || this.#closingSince !== undefined) return;
    this.#inTurn = true;
    this.#deps.turn.add(this);
  }

  /** Of the outbox. */
  drained(): void {
    this.moved();
  }

  /** Of the outbox. */
  overflowed(): void {
    this.#close(CLOSES.slowReader);
  }

  received(data: Buffer, isBinary: boolean): void {
    if (this.#closingSince !== undefined) return;
    this.#heard = true;
    try {
      const { length } = this.#inbox;
      if (isBinary) this.#inbox.push(binaryFrame());
      else documentsOf(data.toString(), this.#inbox);
      this.#deps.observer.received(this.#inbox.length - length);
      this.#pump();
    } catch (error) {
      this.#broken(error);
    }
  }

  ponged(): void {
    this.#heard = true;
  }

  /** `ws` has closed the connection with the fitting code already. */
  failed(error: Error): void {
    const code = (error as NodeJS.ErrnoException).code ?? error.name;
    this.#deps.log.debug({ sub: this.principal.sub, code }, 'connection broke');
  }

  closing(): void {
    this.#outbox.close();
  }

  /** The socket has closed: nothing can be sent any more. */
  closed(code: number): void {
    this.#closingSince ??= this.#deps.clock();
    this.#conversation.close();
    this.#outbox.close();
    this.#forgetInbox();
    this.#deps.left(this, code);
    this.#deps.log.debug({ sub: this.principal.sub, code }, 'connection closed');
  }

  endTurn(): void {
    this.#inTurn = false;
    if (this.#closingSince !== undefined) return;
    try {
      this.#pump();
      this.#outbox.flush();
      if (this.#stopping && this.#conversation.size === 0) this.#close(CLOSES.restarting);
    } catch (error) {
      this.#broken(error);
    }
  }

  /** Tells the client, refuses what still comes, and closes when all that was under way is answered. */
  stop(): void {
    if (this.#stopping || this.#closingSince !== undefined) return;
    this.#stopping = true;
    this.#conversation.stop();
    const message = 'the server is stopping; connect again, and send what was not answered';
    this.#outbox.push(JSON.stringify({ type: 'stopping', message }));
    this.moved();
  }

  /** What would be timers, once per sweep for all connections: the token's end, slow readers, pings, cutting off. */
  sweep(now: number): void {
    try {
      if (this.#closingSince !== undefined) {
        if (now - this.#closingSince >= CLOSE_WAIT_MS) this.#socket.terminate();
      } else if (now >= this.principal.expiresAt) this.#close(CLOSES.tokenExpired);
      else if (this.#isStuck(now)) this.#close(CLOSES.slowReader);
      else {
        if (now >= this.#pingAt) this.#ping(now);
        if (this.#inbox.length > 0) this.moved();
      }
    } catch (error) {
      this.#broken(error);
    }
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const now = this.#deps.clock();
    try {
      while (!this.#conversation.isBlocked(now) && !this.#outbox.congested) {
        const item = this.#inbox[this.#next];
        if (item === undefined) break;
        this.#next++;
        this.#conversation.run(item, now);
      }
    } finally {
      this.#pumping = false;
    }
    if (this.#next === this.#inbox.length) this.#forgetInbox();
    this.#steer();
  }

  /** Reads on when everything that came has run. */
  #steer(): void {
    if (this.#closingSince !== undefined) return;
    const isPaused = this.#socket.isPaused;
    if (this.#inbox.length > 0) {
      if (!isPaused) this.#socket.pause();
    } else if (isPaused) this.#socket.resume();
  }

  #forgetInbox(): void {
    this.#inbox.length = 0;
    this.#next = 0;
  }

  /** Congested, and not a byte taken for `slowReaderMs`. */
  #isStuck(now: number): boolean {
    const { progress } = this.#outbox;
    if (!this.#outbox.congested || progress !== this.#progress) {
      this.#progress = progress;
      this.#progressAt = now;
      return false;
    }
    return now - this.#progressAt >= this.#deps.slowReaderMs;
  }

  /** A connection that we do not read cannot be heard; it is not dead for that. */
  #ping(now: number): void {
    if (!this.#heard && !this.#socket.isPaused) {
      this.#socket.terminate();
      return;
    }
    this.#heard = false;
    this.#pingAt = now + this.#deps.pingIntervalMs;
    this.#socket.ping();
  }

  #close(close: { code: number; reason: string }): void {
    if (this.#closingSince !== undefined) return;
    this.#outbox.flush();
    this.#closingSince = this.#deps.clock();
    this.#conversation.close();
    this.#outbox.close();
    this.#forgetInbox();
    // The peer's close frame can only be heard on a socket that is read.
    if (this.#socket.isPaused) this.#socket.resume();
    this.#socket.close(close.code, close.reason);
  }

  #broken(error: unknown): void {
    const stack = error instanceof Error ? error.stack : typeof error;
    this.#deps.log.error({ sub: this.principal.sub, stack }, 'connection failed unexpectedly');
    this.#close(CLOSES.internal);
  }
}
