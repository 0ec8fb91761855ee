/** What is decided before a connection is upgraded: who it is, and how a refusal is told in plain HTTP. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, Fault, faultFields } from '@photofinish/shared/protocol/errors';
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '@photofinish/shared/protocol/version';
import { type Principal, ROLES } from '../board/principal.ts';

export const GATEWAY_PATH = '/v1/ws';

export interface Refusal {
  status: number;
  fault: Fault;
  headers?: Record<string, string>;
}

export const refusalOf = (fault: Fault, headers: Record<string, string> = {}): Refusal => {
  const { status } = ERRORS[fault.code];
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer realm="photofinish"';
  const { retryAfterMs } = fault.detail;
  if (retryAfterMs !== undefined) headers['Retry-After'] = String(Math.ceil(retryAfterMs / 1_000));
  return { status, fault, headers };
};

/** The query is not looked at: a token in a URL ends up in logs, so none is taken from there. */
export const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? '';

const offeredSubprotocols = (request: IncomingMessage): string[] =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',').map((offer) => offer.trim());

/** @returns what is wrong with the request itself, whoever sent it */
export function wrongRequest(request: IncomingMessage): Refusal | undefined {
  if (pathOf(request) !== GATEWAY_PATH)
    return refusalOf(
      new Fault('NOT_FOUND', `path: no WebSocket here; connect to ${GATEWAY_PATH}`, {
        field: 'path',
        limit: GATEWAY_PATH,
        fix: `connect to ${GATEWAY_PATH}`,
      }),
    );
  if (!offeredSubprotocols(request).includes(SUBPROTOCOL))
    return refusalOf(
      new Fault('INVALID_REQUEST', `Sec-WebSocket-Protocol: offer the subprotocol ${SUBPROTOCOL}`, {
        field: 'Sec-WebSocket-Protocol',
        limit: SUBPROTOCOL,
        fix: `offer the subprotocol ${SUBPROTOCOL}`,
      }),
    );
  return undefined;
}

/** From `Authorization: Bearer`, else from a second subprotocol: browsers cannot set the header. */
function tokenOf(request: IncomingMessage): string | undefined {
  const header = /^Bearer +(\S+)$/i.exec(request.headers.authorization?.trim() ?? '')?.[1];
  if (header) return header;
  const offer = offeredSubprotocols(request).find((name) => name.startsWith(BEARER_SUBPROTOCOL_PREFIX));
  return offer?.slice(BEARER_SUBPROTOCOL_PREFIX.length) || undefined;
}

/** Past it the identity provider's keys are not to be had in time, and a stranger would hold a socket open for nothing. */
const VERIFY_WITHIN_MS = 10_000;

/** @throws Fault UNAUTHENTICATED, FORBIDDEN, UNAVAILABLE */
export async function principalOf(
  request: IncomingMessage,
  verify: (token: string) => Promise<Principal>,
  clock: () => number,
): Promise<Principal> {
  const token = tokenOf(request);
  const fix = `send Authorization: Bearer TOKEN, or offer the subprotocol ${BEARER_SUBPROTOCOL_PREFIX}TOKEN; never in the URL`;
  if (token === undefined)
    throw new Fault('UNAUTHENTICATED', `token: missing; ${fix}`, { field: 'token', fix });
  const principal = await inTime(verify(token));
  if (!ROLES.includes(principal.role))
    throw new Fault('FORBIDDEN', `role: must be one of ${ROLES.join(', ')}`, {
      field: 'role',
      limit: ROLES.join(', '),
      fix: 'use a token of one of these roles',
    });
  if (principal.expiresAt <= clock())
    throw new Fault('UNAUTHENTICATED', 'exp: the token has expired; connect with a new one', {
      field: 'exp',
      fix: 'connect with a new token',
    });
  return principal;
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () =>
        reject(
          new Fault('UNAVAILABLE', 'the token could not be checked in time; try again', {
            retryAfterMs: 1_000,
          }),
        ),
      VERIFY_WITHIN_MS,
    );
    work.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

/** BOARD_NOT_FOUND: `Board not found`, as the HTTP side's problem documents have it. */
const titleOf = (code: string): string => code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');

/** Answers with a problem document (RFC 9457) and closes. The socket must have an error listener. */
export function refuse(socket: Duplex, { status, fault, headers }: Refusal): void {
  const body = JSON.stringify({
    type: `urn:photofinish:problem:${fault.code}`,
    title: titleOf(fault.code),
    status,
    detail: fault.message,
    ...faultFields(fault),
  });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'Connection: close',
    'Cache-Control: no-store',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
