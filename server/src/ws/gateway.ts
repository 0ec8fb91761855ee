/** The WebSocket edge: lets connections in, looks them over, and sees them off.
 *
 *  It listens for upgrades on the one HTTP server and owns them all: whatever is not for it is refused in plain HTTP. One timer serves all
 *  connections (`sweep`); one setImmediate per turn sends what they are owed (`Turn`). */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Principal } from '../board/principal.ts';
import type { Log } from '../observe/log.ts';
import { socketServer } from './gateway-socket.ts';
import { Hub } from './hub.ts';
import type { GatewayLimits, GatewayObserver, Services } from './services.ts';
import { Session, type SessionDeps } from './session.ts';
import { Turn } from './turn.ts';
import { principalOf, refusalOf, refuse, wrongRequest } from './upgrade.ts';

export interface GatewayDeps extends Services {
  limits: GatewayLimits;
  clock: () => number;
  log: Log;
  observer: GatewayObserver;
}

const PING_INTERVAL_MS = 30_000;
/** Long enough for a phone in a lift, short enough that a dead reader's megabytes do not pile up. */
const SLOW_READER_MS = 10_000;
const SWEEP_INTERVAL_MS = 1_000;
const FULL_RETRY_MS = 5_000;
/** From soft to hard limit of an outbox: room for the replies that were under way when it became congested. */
const HARD_FACTOR = 4;
const STOPPING_RETRY_MS = 1_000;

export class Gateway {
  readonly #deps: GatewayDeps;
  readonly #sockets = socketServer();
  readonly #sessions = new Set<Session>();
  readonly #hub: Hub;
  readonly #sessionDeps: SessionDeps;
  readonly #sweeper: NodeJS.Timeout;
  /** Upgrades whose token is being checked: they count as connections, or a flood of them would not be bounded. */
  #opening = 0;
  #draining: Promise<void> | undefined;
  #emptied: (() => void) | undefined;

  constructor(deps: GatewayDeps) {
    this.#deps = deps;
    const { limits, clock, log, observer } = deps;
    this.#hub = new Hub({
      reads: deps.reads,
      ...(deps.watermarks ? { watermarks: deps.watermarks } : {}),
      intervalMs: limits.subscriptionIntervalMs,
      observer,
      log,
      clock,
    });
    this.#sessionDeps = {
      services: deps,
      hub: this.#hub,
      turn: new Turn(),
      requestsPerSecondMax: limits.requestsPerSecondMax,
      outbox: {
        softBytes: limits.outboxBytesMax,
        hardBytes: HARD_FACTOR * limits.outboxBytesMax,
        sent: (characters) => observer.sent(characters),
      },
      pingIntervalMs: limits.pingIntervalMs ?? PING_INTERVAL_MS,
      slowReaderMs: limits.slowReaderMs ?? SLOW_READER_MS,
      left: (session, code) => this.#left(session, code),
      log,
      clock,
      observer,
    };
    this.#sockets.on('wsClientError', (error, socket) => this.#refuseHandshake(error, socket));
    this.#sweeper = setInterval(() => this.#sweep(), limits.sweepIntervalMs ?? SWEEP_INTERVAL_MS);
    this.#sweeper.unref();
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get subscriptions(): number {
    return this.#hub.subscriptions;
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
  }

  /** Refuses new connections with 503, tells the present ones, answers what they have under way, closes them with 1012 and cuts off
   *  those that are still there after `drainTimeoutMs`. Resolves when none is left; calling it again waits for the same. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    for (const session of this.#sessions) session.stop();
    if (this.#sessions.size > 0) {
      const cutOff = setTimeout(() => {
        this.#deps.log.warn(
          { connections: this.#sessions.size },
          'connections cut off at the end of the drain',
        );
        for (const session of this.#sessions) session.terminate();
      }, this.#deps.limits.drainTimeoutMs);
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
      clearTimeout(cutOff);
    }
    clearInterval(this.#sweeper);
    this.#hub.stop();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // A peer that leaves while its token is checked must not end the process.
    socket.on('error', ignore);
    const refusal = this.#closedDoor() ?? wrongRequest(request);
    if (refusal) {
      this.#refuse(socket, refusal);
      return;
    }
    this.#opening++;
    try {
      const principal = await principalOf(request, this.#deps.verify, this.#deps.clock);
      if (this.#draining) this.#refuse(socket, stopping());
      else this.#open(request, socket, head, principal);
    } catch (error) {
      if (!(error instanceof Fault))
        this.#deps.log.error({ stack: (error as Error)?.stack }, 'upgrade failed unexpectedly');
      const fault =
        error instanceof Fault
          ? error
          : new Fault('INTERNAL', 'the server failed to check the token; try again');
      this.#refuse(socket, refusalOf(fault));
    } finally {
      this.#opening--;
    }
  }

  #closedDoor() {
    if (this.#draining) return stopping();
    const max = this.#deps.limits.connectionsMax;
    if (this.#sessions.size + this.#opening < max) return undefined;
    return refusalOf(
      new Fault('OVERLOADED', `connections: this server has its ${max}; try again later, or another server`, {
        field: 'connections',
        limit: `${max} connections`,
        fix: 'try again later',
        retryAfterMs: FULL_RETRY_MS,
      }),
    );
  }

  #refuse(socket: Duplex, refusal: Parameters<typeof refuse>[1]): void {
    this.#deps.observer.refused(refusal.status);
    refuse(socket, refusal);
  }

  /** A handshake that is no WebSocket's: `ws` names what is wrong with it. */
  #refuseHandshake(error: Error, socket: Duplex): void {
    const fault = new Fault('INVALID_REQUEST', `handshake: ${error.message}`, {
      field: 'handshake',
      limit: 'a WebSocket upgrade, version 13',
      fix: 'use a WebSocket client',
    });
    this.#refuse(socket, refusalOf(fault, { 'Sec-WebSocket-Version': '13' }));
  }

  #open(request: IncomingMessage, socket: Duplex, head: Buffer, principal: Principal): void {
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      socket.off('error', ignore);
      const session = new Session(this.#sessionDeps, { socket: ws, connection: socket }, principal);
      ws.listener = session;
      this.#sessions.add(session);
      this.#deps.observer.opened();
      this.#deps.log.debug({ sub: principal.sub, role: principal.role }, 'connection opened');
    });
  }

  #left(session: Session, code: number): void {
    this.#sessions.delete(session);
    this.#deps.observer.closed(code);
    if (this.#sessions.size === 0) this.#emptied?.();
  }

  #sweep(): void {
    const now = this.#deps.clock();
    for (const session of this.#sessions) session.sweep(now);
  }
}

const ignore = (): void => {};

const stopping = () =>
  refusalOf(
    new Fault('SHUTTING_DOWN', 'this server is stopping; connect to another', {
      fix: 'connect again later, or to another server',
      retryAfterMs: STOPPING_RETRY_MS,
    }),
  );
