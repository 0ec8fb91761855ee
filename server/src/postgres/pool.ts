/** A bounded set of connections, each lent to one call at a time.
 *
 *  Invariant: a connection comes back only when the server has answered all that was sent on it and no transaction is open. One that was
 *  lost, or given up on, is thrown away, and its place is free at once: a stopped server or a dead line cannot hold the pool. */
import { Fault } from '@photofinish/shared/protocol/errors';
import { Connection, type ConnectionSettings } from './connection.ts';
import type { Deadline } from './deadline.ts';

/** Calls that may wait for a connection. Raising it only makes an overloaded server answer later. */
const WAITING_MAX = 1_000;
/** Lets a moved database address, and the memory of prepared statements, be forgotten at last. */
const AGE_MAX_MS = 30 * 60_000;

interface Waiter {
  take: (connection: Connection) => void;
  fail: (error: unknown) => void;
}

export class ConnectionPool {
  readonly #settings: ConnectionSettings;
  readonly #max: number;
  readonly #idle: Connection[] = [];
  readonly #lent = new Set<Connection>();
  readonly #waiting = new Set<Waiter>();
  #closing = false;
  #emptied: (() => void) | undefined;

  constructor(settings: ConnectionSettings, max: number) {
    this.#settings = settings;
    this.#max = max;
  }

  /** Calls that wait for a connection. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** @throws DeadlinePassed, Fault OVERLOADED, SHUTTING_DOWN */
  async acquire(deadline: Deadline): Promise<Connection> {
    if (this.#closing) throw new Fault('SHUTTING_DOWN', 'this server is stopping; send it to another one');
    const connection = this.#free();
    if (connection) return connection;
    if (this.#waiting.size >= WAITING_MAX)
      throw new Fault('OVERLOADED', 'too many calls wait for the database; nothing was done', {
        limit: `at most ${WAITING_MAX} calls`,
        retryAfterMs: 1_000,
      });
    let waiter: Waiter | undefined;
    const lent = new Promise<Connection>((take, fail) => {
      waiter = { take, fail };
      this.#waiting.add(waiter);
    });
    try {
      return await deadline.race(lent);
    } catch (error) {
      if (waiter && !this.#waiting.delete(waiter))
        lent.then((late) => this.release(late)).catch(() => undefined);
      throw error;
    }
  }

  release(connection: Connection): void {
    if (!this.#lent.delete(connection)) return;
    if (connection.lost || performance.now() - connection.openedAt > AGE_MAX_MS) void connection.end();
    else if (this.#closing) void connection.end();
    else this.#idle.push(connection);
    this.#next();
  }

  /** For a connection that may have something under way. */
  discard(connection: Connection): void {
    connection.destroy();
    if (this.#lent.delete(connection)) this.#next();
  }

  /** Refuses new calls, waits for those under way, then cuts off what is left. */
  async close(withinMs: number): Promise<void> {
    this.#closing = true;
    const fault = new Fault('SHUTTING_DOWN', 'this server is stopping; send it to another one');
    for (const waiter of this.#waiting) waiter.fail(fault);
    this.#waiting.clear();
    await Promise.all(this.#idle.splice(0).map((connection) => connection.end()));
    if (this.#lent.size > 0)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        this.#emptied = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    for (const connection of this.#lent) connection.destroy();
    this.#lent.clear();
  }

  #free(): Connection | undefined {
    let connection = this.#idle.pop();
    while (connection?.lost) connection = this.#idle.pop();
    if (!connection && this.#lent.size < this.#max) connection = new Connection(this.#settings);
    if (connection) this.#lent.add(connection);
    return connection;
  }

  #next(): void {
    if (this.#lent.size === 0) this.#emptied?.();
    const [waiter] = this.#waiting;
    if (!waiter) return;
    const connection = this.#free();
    if (!connection) return;
    this.#waiting.delete(waiter);
    waiter.take(connection);
  }
}
