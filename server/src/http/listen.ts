/** The one server that HTTP and WebSocket share: made from the app, told to listen, and stopped within a time. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAdaptorServer } from '@hono/node-server';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { HttpApp } from './app.ts';
import { HttpFault, PROBLEM_TYPE, problemOf } from './problem.ts';

/** A client that dribbles its request holds a socket this long and no longer. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Above the usual 60 s of load balancers, which must be the ones to hang up first, or they see resets. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const HEADERS_MAX = 100;
/** How often the two timeouts above are looked at. */
const CHECK_INTERVAL_MS = 2_000;
/** While stopping: how late a connection that has become idle is closed. */
const IDLE_CHECK_MS = 25;

/** Not listening yet: the gateway adds its upgrade handler first. */
export function createHttpServer(
  app: Pick<HttpApp, 'fetch'>,
  bodyTimeoutMs: number = REQUEST_TIMEOUT_MS,
): Server {
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer,
    serverOptions: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      // Node's own limit knows no exception: an import may take longer, and `limitBodies` has the rest.
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
  }) as Server;
  server.maxHeadersCount = HEADERS_MAX;
  server.on('clientError', answerBrokenRequest);
  limitBodies(server, bodyTimeoutMs);
  return server;
}

/** An import is held to a time without a byte instead (routes/admin-import.ts). */
const LONG_BODY = /^\/v1\/admin\/seasons\/[^/?]+\/import(\?|$)/;

/** Requests with a body that does not arrive in time are answered 408. */
function limitBodies(server: Server, timeoutMs: number): void {
  server.on('request', (request: IncomingMessage) => {
    const hasBody =
      request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
    if (!hasBody || LONG_BODY.test(request.url ?? '')) return;
    const late = Object.assign(new Error('request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    const timer = setTimeout(() => {
      if (!request.complete) server.emit('clientError', late, request.socket);
    }, timeoutMs);
    timer.unref();
    request.once('close', () => clearTimeout(timer));
  });
}

/** What Node's parser refused never reaches the app; it gets a problem document all the same. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = problemOf(faultOf(error.code));
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n${body}`,
  );
}

function faultOf(code: string | undefined): Fault | HttpFault {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new HttpFault('HEADERS_TOO_LARGE', 'headers: larger than 16384 bytes together', {
      field: 'headers',
      limit: '16384 bytes',
      fix: 'send fewer or shorter headers, and a shorter address',
    });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new HttpFault('REQUEST_TIMEOUT', `the request did not arrive within ${REQUEST_TIMEOUT_MS} ms`);
  return new Fault('INVALID_REQUEST', 'the request is not HTTP/1.1', { fix: 'send a well-formed request' });
}

export interface Listening {
  /** The port in use, also when 0 was asked for. */
  port: number;
  /** Where a browser on this machine finds it, without a slash at the end. */
  url: string;
  /** Takes no new connections, lets requests under way finish, and cuts what is left after `withinMs`, sockets of
   *  WebSockets included: close those first. */
  stop(withinMs: number): Promise<void>;
}

/** @throws Error that says what to do when the address cannot be had */
export async function listen(server: Server, at: { host: string; port: number }): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  try {
    server.listen(at.port, at.host);
    await once(server, 'listening');
  } catch (error) {
    throw new Error(whyNot(error as NodeJS.ErrnoException, at), { cause: error });
  }
  const { port, address, family } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${reachable(address, family)}:${port}`,
    stop: (withinMs) => stop(server, sockets, withinMs),
  };
}

async function stop(server: Server, sockets: ReadonlySet<Socket>, withinMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A connection whose last request has just been answered would otherwise be kept alive.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, withinMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}

function reachable(address: string, family: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost';
  return family === 'IPv6' ? `[${address}]` : address;
}

function whyNot(
  { code, message }: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): string {
  if (code === 'EADDRINUSE')
    return `port ${port} on ${host} is taken: stop the program that listens there, or set PORT to another (0 picks a free one)`;
  if (code === 'EACCES')
    return `port ${port} on ${host} is not allowed to this user: set PORT to 1024 or above`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine: set HOST to one, or to 0.0.0.0 for all`;
  return `cannot listen on ${host} port ${port}: ${message}`;
}
