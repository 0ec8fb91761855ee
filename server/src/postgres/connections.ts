/** The database as the stores use it: reads, and transactions that know whether they were committed. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Log } from '../observe/log.ts';
import type { Connection } from './connection.ts';
import { Deadline } from './deadline.ts';
import { ConnectionLost, faultOf, isRepeatable, type Stage, sqlStateOf } from './faults.ts';
import { ConnectionPool } from './pool.ts';

export interface PostgresOptions {
  url: string;
  /** Connections in all. Flushes, finals and reads share them, so 1 would let a flush hold up every final. */
  max: number;
  /** What the server itself gives one statement. A call as a whole gets `CALL_MARGIN_MS` more, so that a live server answers first. */
  statementTimeoutMs: number;
  /** For pg_stat_activity. */
  name: string;
  log: Log;
}

/** Lower, and a slow statement's clear answer would be taken for a dead server. */
const CALL_MARGIN_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Attempts of a transaction that Postgres undid for the sake of another. */
const ATTEMPTS_MAX = 4;

type Work<T> = (connection: Connection) => Promise<T>;

export class Postgres {
  readonly callTimeoutMs: number;
  readonly #pool: ConnectionPool;
  readonly #log: Log;

  constructor(options: PostgresOptions) {
    const { url, name, statementTimeoutMs, max, log } = options;
    this.callTimeoutMs = statementTimeoutMs + CALL_MARGIN_MS;
    this.#log = log;
    const connectTimeoutMs = Math.min(CONNECT_TIMEOUT_MS, this.callTimeoutMs);
    this.#pool = new ConnectionPool({ url, name, statementTimeoutMs, connectTimeoutMs }, max);
  }

  /** Calls that wait for a connection. */
  get waiting(): number {
    return this.#pool.waiting;
  }

  /** One statement, or several that need not agree with each other.
   *  @throws Fault UNAVAILABLE, OVERLOADED, SHUTTING_DOWN; other errors as they came */
  async read<T>(work: Work<T>, timeoutMs = this.callTimeoutMs): Promise<T> {
    const deadline = new Deadline(timeoutMs);
    const connection = await this.#acquire(deadline);
    try {
      const result = await deadline.race(work(connection));
      this.#pool.release(connection);
      return result;
    } catch (error) {
      if (error instanceof Fault || sqlStateOf(error) !== undefined) this.#pool.release(connection);
      else this.#pool.discard(connection);
      throw faultOf(error, 'reading');
    }
  }

  /** One transaction: when it resolves, all is committed. Run again from the start, a bounded number of times, when Postgres undid it
   *  because of a deadlock or a conflict; so `work` must have no effect elsewhere.
   *  @throws Fault UNAVAILABLE when nothing was done, OUTCOME_UNKNOWN when the deadline passed or the line was lost in COMMIT, those
   *  that `work` throws; other errors as they came. In all cases but OUTCOME_UNKNOWN nothing of it is in the database. */
  write<T>(work: Work<T>, timeoutMs = this.callTimeoutMs): Promise<T> {
    return this.#repeated(new Deadline(timeoutMs), (deadline) => this.#attempt(deadline, work));
  }

  /** One statement that is a transaction by itself, in one round trip. As `write`, but that a line lost at any moment leaves the outcome
   *  unknown. */
  writeOnce<T>(work: Work<T>, timeoutMs = this.callTimeoutMs): Promise<T> {
    return this.#repeated(new Deadline(timeoutMs), (deadline) => this.#attemptOnce(deadline, work));
  }

  async #repeated<T>(deadline: Deadline, attemptOf: (deadline: Deadline) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptOf(deadline);
      } catch (error) {
        if (!(error instanceof Undone)) throw error;
        if (attempt >= ATTEMPTS_MAX || deadline.passed) throw faultOf(error.cause, 'working');
        this.#log.warn({ sqlState: sqlStateOf(error.cause), attempt }, 'postgres undid a transaction; again');
      }
    }
  }

  /** Waits for calls under way, then closes. */
  close(withinMs = 5_000): Promise<void> {
    return this.#pool.close(withinMs);
  }

  async #acquire(deadline: Deadline): Promise<Connection> {
    try {
      return await this.#pool.acquire(deadline);
    } catch (error) {
      throw faultOf(error, 'waiting');
    }
  }

  async #attempt<T>(deadline: Deadline, work: Work<T>): Promise<T> {
    const connection = await this.#acquire(deadline);
    let stage: Stage = 'working';
    let begun = false;
    const transaction = async (): Promise<T> => {
      await connection.sql.unsafe('begin');
      begun = true;
      const result = await work(connection);
      // Given up on meanwhile: the line is cut already, and this must not commit behind the caller's back.
      if (deadline.passed || connection.lost) throw new ConnectionLost();
      stage = 'committing';
      const { command } = await connection.sql.unsafe('commit');
      if (command !== 'COMMIT') throw new Error(`a failed transaction was committed: ${command}`);
      return result;
    };
    try {
      const result = await deadline.race(transaction());
      this.#pool.release(connection);
      return result;
    } catch (error) {
      if (begun) await this.#rollBack(connection, deadline);
      else this.#pool.discard(connection);
      if (isRepeatable(error)) throw new Undone(error);
      throw faultOf(error, stage);
    }
  }

  async #attemptOnce<T>(deadline: Deadline, work: Work<T>): Promise<T> {
    const connection = await this.#acquire(deadline);
    try {
      const result = await deadline.race(work(connection));
      this.#pool.release(connection);
      return result;
    } catch (error) {
      if (sqlStateOf(error) === undefined) this.#pool.discard(connection);
      else this.#pool.release(connection);
      if (isRepeatable(error)) throw new Undone(error);
      throw faultOf(error, connection.opened ? 'committing' : 'waiting');
    }
  }

  /** A connection that cannot say that it is out of its transaction is not used again. */
  async #rollBack(connection: Connection, deadline: Deadline): Promise<void> {
    try {
      if (connection.lost || deadline.passed) throw new Error('nothing to roll back on');
      await deadline.race(Promise.resolve(connection.sql.unsafe('rollback')));
      this.#pool.release(connection);
    } catch {
      this.#pool.discard(connection);
    }
  }
}

class Undone extends Error {
  constructor(cause: unknown) {
    super('transaction undone by the server', { cause });
  }
}

export const openPostgres = (options: PostgresOptions): Postgres => new Postgres(options);
