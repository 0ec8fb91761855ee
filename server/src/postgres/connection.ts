/** One connection to Postgres that lives once.
 *
 *  Why not the pool of postgres.js 3.4.9: when a backend dies inside its `sql.begin`
 *    1. its own ROLLBACK is written to a socket that is null, which ends the process with a TypeError that nobody can catch;
 *    2. or the client has reconnected by then, and what is left of the dead transaction runs inside another one, or outside of any;
 *    3. and the next query of that connection gets the dead backend's error.
 *  So each client here has one connection, dials once, and is thrown away with it: a statement for a lost connection fails and is
 *  never sent elsewhere. Transactions are begun and ended by connections.ts. */
import { connect, type Socket } from 'node:net';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { ConnectionLost } from './faults.ts';

export type Sql = postgres.Sql;
export type Database = PostgresJsDatabase;

export interface ConnectionSettings {
  url: string;
  /** Seen in pg_stat_activity and in the server's log. */
  name: string;
  statementTimeoutMs: number;
  connectTimeoutMs: number;
}

interface Address {
  host: string[];
  port: number[];
  path: string | false;
}

export class Connection {
  /** Prepared, for hot statements. Takes no Date, no array and no object as a parameter: see array-literal.ts. */
  readonly sql: Sql;
  /** The same connection for ordinary queries. */
  readonly db: Database;
  readonly openedAt = performance.now();
  #lost = false;
  #opened = false;
  #dialled = false;
  #socket: Socket | undefined;

  constructor(settings: ConnectionSettings) {
    const options = {
      max: 1,
      types: TYPES,
      fetch_types: false,
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: Math.max(1, Math.ceil(settings.connectTimeoutMs / 1_000)),
      backoff: () => 0,
      onnotice: () => undefined,
      onclose: () => {
        this.#lost = true;
      },
      socket: (address: Address) => this.#dial(address, settings.connectTimeoutMs),
      connection: sessionSettings(settings),
    };
    this.sql = postgres(settings.url, options) as unknown as Sql;
    this.db = drizzle({ client: drizzleClient(this.sql) });
  }

  /** It will answer nothing any more. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Something may have been sent on it. */
  get opened(): boolean {
    return this.#opened;
  }

  /** Cuts the line. A transaction that was not told to commit is undone by the server as soon as it notices. */
  destroy(): void {
    this.#lost = true;
    this.#dialled = true;
    this.#socket?.destroy();
    this.sql.end({ timeout: 0 }).catch(() => undefined);
  }

  /** Takes leave in order. Nothing may be under way. */
  async end(): Promise<void> {
    await this.sql.end({ timeout: 1 }).catch(() => undefined);
    this.destroy();
  }

  async #dial(address: Address, timeoutMs: number): Promise<Socket> {
    if (this.#dialled) throw new ConnectionLost();
    this.#dialled = true;
    const host = address.host[0] ?? 'localhost';
    const port = address.port[0] ?? 5432;
    const socket = address.path ? connect(address.path) : connect({ host, port });
    this.#socket = socket;
    // postgres.js keeps further statements waiting for a line that never opened: they must not be asked of it.
    await opened(socket, timeoutMs).catch((error: unknown) => {
      this.#lost = true;
      throw error;
    });
    socket.setNoDelay(true);
    this.#opened = true;
    // postgres.js reads the name to check in the server's certificate from here.
    return Object.assign(socket, { host });
  }
}

/** Whole numbers come as numbers: every bigint column is checked to be a safe integer. JSON goes out as the text that Drizzle made. */
const TYPES = {
  whole: { to: 20, from: [20], serialize: String, parse: Number },
  json: { to: 114, from: [114, 3802], serialize: String, parse: (text: string): unknown => JSON.parse(text) },
};

const sessionSettings = (settings: ConnectionSettings) => ({
  application_name: settings.name,
  statement_timeout: settings.statementTimeoutMs,
  // Shorter, so that a wait for a lock is told apart from a slow statement.
  lock_timeout: Math.ceil(settings.statementTimeoutMs / 2),
  // Frees the rows that a server held when its machine went away without a word.
  idle_in_transaction_session_timeout: settings.statementTimeoutMs * 2,
});

function opened(socket: Socket, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error?: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error ?? new ConnectionLost());
    };
    const timedOut = () =>
      fail(Object.assign(new Error('the database did not take the connection'), { code: 'CONNECT_TIMEOUT' }));
    const closed = () => fail();
    const timer = setTimeout(timedOut, timeoutMs);
    socket.once('error', fail);
    socket.once('close', closed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      socket.off('close', closed);
      resolve();
    });
  });
}

/** Drizzle overwrites parsers and serializers of the client it is given, and begins transactions through it: it gets a stand-in that
 *  has nothing to overwrite. `begin` serves Drizzle's migrator alone. */
function drizzleClient(sql: Sql): Sql {
  const client = {
    options: { parsers: {}, serializers: {} },
    unsafe: (query: string, parameters: never[] = []) =>
      sql.unsafe(query, parameters, { prepare: parameters.length > 0 }),
    begin: async (work: (transaction: unknown) => Promise<unknown>) => {
      await sql.unsafe('begin');
      try {
        const result = await work(client);
        await sql.unsafe('commit');
        return result;
      } catch (error) {
        await sql.unsafe('rollback').catch(() => undefined);
        throw error;
      }
    },
  };
  return client as unknown as Sql;
}
