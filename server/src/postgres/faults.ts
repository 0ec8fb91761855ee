/** What a failure of the database means for the caller: was nothing done, or is the outcome unknown? */
import { Fault } from '@photofinish/shared/protocol/errors';
import { DrizzleQueryError } from 'drizzle-orm';

/** Postgres was not heard in time. What was under way is cut off. */
export class DeadlinePassed extends Error {
  constructor(ms: number) {
    super(`the database did not answer within ${ms} ms`);
    this.name = 'DeadlinePassed';
  }
}

/** A statement for a connection that is gone. It was never sent. */
export class ConnectionLost extends Error {
  constructor() {
    super('the database connection was lost before this statement was sent');
    this.name = 'ConnectionLost';
  }
}

const RETRY_AFTER_MS = 1_000;

const CONNECTION_CODES = new Set([
  ...['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED', 'CONNECT_TIMEOUT'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'],
  ...['ENETUNREACH', 'EADDRNOTAVAIL', 'ENOENT', 'EACCES', 'ENOTCONN', 'ECONNABORTED'],
]);

/** Classes of SQLSTATE that a later attempt may not get: connections, resources, operators, locks, logins, a database that is
 *  not there, a standby that cannot write. */
const PASSING_STATES = /^(08|53|57|58|28|3D|55P03|25006|25P03|25P04|40)/;

/** Drizzle wraps what the driver threw, with the query and its parameters in the message: never show that. */
export const rootOf = (error: unknown): unknown =>
  error instanceof DrizzleQueryError && error.cause ? error.cause : error;

const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
};

/** @returns undefined for what the server did not say itself */
export function sqlStateOf(error: unknown): string | undefined {
  const root = rootOf(error);
  if ((root as { name?: unknown } | null)?.name !== 'PostgresError') return undefined;
  return codeOf(root);
}

/** The row itself is at fault (SQLSTATE 22, 23): another attempt fails again. */
export const isDataError = (error: unknown): boolean => /^2[23]/.test(sqlStateOf(error) ?? '');

/** Transactions stood in each other's way and Postgres undid this one. 55P03 is a wait for a lock that went on too long: those who share a
 *  season's row overtake the one who closes it, so it asks again. */
export const isRepeatable = (error: unknown): boolean =>
  /^(40001|40P01|55P03)$/.test(sqlStateOf(error) ?? '');

const isConnectionError = (error: unknown): boolean =>
  error instanceof ConnectionLost || CONNECTION_CODES.has(codeOf(error) ?? '');

/** How far a call had come. `waiting`: nothing was sent yet. `reading`: nothing to be done twice.
 *  `working`: in a transaction whose COMMIT was not sent. `committing`: COMMIT was sent. */
export type Stage = 'waiting' | 'reading' | 'working' | 'committing';

/** @returns a Fault where the caller can do something about it, else the root of the error as it came */
export function faultOf(error: unknown, stage: Stage): unknown {
  const root = rootOf(error);
  if (root instanceof Fault) return root;
  if (root instanceof DeadlinePassed)
    return stage === 'working' || stage === 'committing' ? outcomeUnknown() : unavailable();
  const state = sqlStateOf(root);
  const sent = stage === 'committing' && !(root instanceof ConnectionLost);
  if (sent && (isConnectionError(root) || /^(08|57)/.test(state ?? ''))) return outcomeUnknown();
  if (isConnectionError(root) || (state !== undefined && PASSING_STATES.test(state)))
    return Object.assign(unavailable(), { cause: root });
  return root;
}

const outcomeUnknown = (): Fault =>
  new Fault('OUTCOME_UNKNOWN', 'the database did not confirm in time; it may or may not have been done', {
    fix: 'send the same thing again: a repeat changes nothing',
    retryAfterMs: RETRY_AFTER_MS,
  });

const unavailable = (): Fault =>
  new Fault('UNAVAILABLE', 'the database cannot be used right now; nothing was done', {
    fix: 'send it again later',
    retryAfterMs: RETRY_AFTER_MS,
  });
