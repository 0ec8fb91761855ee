/** A gateway on a real HTTP server and real sockets, over an in-memory core. */
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Log } from '../../../server/src/observe/log.ts';
import { Gateway } from '../../../server/src/ws/gateway.ts';
import type { GatewayLimits, GatewayObserver } from '../../../server/src/ws/services.ts';
import { until } from '../../support/condition.ts';
import { MemoryCore } from './memory-core.ts';

export interface Document {
  type: string;
  id?: number | string | null;
  [field: string]: unknown;
}

/** A client that keeps what it gets, frame by frame. */
export class Client {
  readonly socket: WebSocket;
  readonly frames: string[] = [];
  readonly documents: Document[] = [];
  closed: { code: number; reason: string } | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.frames.push(data.toString());
      for (const line of data.toString().split('\n')) this.documents.push(JSON.parse(line));
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    socket.on('error', () => {});
  }

  send(...documents: (object | string)[]): void {
    this.socket.send(
      documents.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n'),
    );
  }

  /** Replies so far, in the order they came: everything with an id, null included. */
  get replies(): Document[] {
    return this.documents.filter((document) => document.id !== undefined);
  }

  pushes(type: string): Document[] {
    return this.documents.filter((document) => document.id === undefined && document.type === type);
  }

  async replyCount(count: number): Promise<Document[]> {
    await until(`${count} replies`, () => this.replies.length >= count);
    return this.replies;
  }

  async ask(document: object | string): Promise<Document> {
    const before = this.replies.length;
    this.send(document);
    const replies = await this.replyCount(before + 1);
    const reply = replies[before];
    if (!reply) throw new Error('no reply');
    return reply;
  }

  ended(withinMs?: number): Promise<{ code: number; reason: string }> {
    return until('the connection to end', () => this.closed, withinMs);
  }
}

export interface Refused {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  problem: Record<string, unknown>;
}

/** Counts, and everything that was logged, as one text per line. */
function watchers() {
  const logged: { level: string; fields: object; message: string }[] = [];
  const note = (level: string) => (fields: object, message: string) => {
    logged.push({ level, fields, message });
  };
  const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const seen = {
    opened: 0,
    closed: [] as number[],
    refused: [] as number[],
    failed: [] as string[],
    sent: 0,
  };
  const observer: GatewayObserver = {
    opened: () => {
      seen.opened++;
    },
    closed: (code) => seen.closed.push(code),
    refused: (status) => seen.refused.push(status),
    received: () => {},
    sent: () => {
      seen.sent++;
    },
    failed: (code) => seen.failed.push(code),
    pushed: () => {},
  };
  return { log, logged, seen, observer };
}

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

export type Edge = Awaited<ReturnType<typeof openEdge>>;

export async function openEdge(limits: Partial<GatewayLimits> = {}) {
  const core = new MemoryCore();
  const { log, logged, seen, observer } = watchers();
  const gateway = new Gateway({
    catalogue: core.catalogue,
    intake: core.intake,
    matches: core.matches,
    finals: core.finals,
    keeper: core.keeper,
    reads: core.reads,
    barrier: core.barrier,
    verify: core.verify,
    clock: Date.now,
    log,
    observer,
    limits: {
      connectionsMax: 100,
      requestsPerSecondMax: 100_000,
      outboxBytesMax: 1_048_576,
      subscriptionIntervalMs: 20,
      drainTimeoutMs: 2_000,
      sweepIntervalMs: 20,
      ...limits,
    },
  });
  const server = createServer((_, response) => response.end('http'));
  gateway.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients: WebSocket[] = [];
  const sockets: Socket[] = [];
  return {
    core,
    gateway,
    logged,
    seen,
    port,
    async connect(token = 'server.host', headers: Record<string, string> = {}): Promise<Client> {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`, 'photofinish.v1.json', {
        headers: { authorization: `Bearer ${token}`, ...headers },
      });
      clients.push(socket);
      const client = new Client(socket);
      await once(socket, 'open');
      return client;
    },
    socket(protocols: string[]): WebSocket {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`, protocols);
      clients.push(socket);
      return socket;
    },
    /** A TCP connection for a client that does as it likes. */
    raw(): Socket {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => {});
      sockets.push(socket);
      return socket;
    },
    /** Asks for an upgrade that is refused. */
    refused(headers: Record<string, string>, path = '/v1/ws'): Promise<Refused> {
      return new Promise((resolve, reject) => {
        const request = httpRequest({ port, host: '127.0.0.1', path, headers: { ...UPGRADE, ...headers } });
        request.on('error', reject);
        request.on('upgrade', (_, socket) => {
          socket.destroy();
          reject(new Error('it was upgraded'));
        });
        request.on('response', (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              problem: JSON.parse(text),
            }),
          );
        });
        request.end();
      });
    },
    async close(): Promise<void> {
      for (const socket of clients) socket.terminate();
      for (const socket of sockets) socket.destroy();
      await gateway.drain();
      server.closeAllConnections();
      server.close();
    },
  };
}
