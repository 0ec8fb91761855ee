/** A real WebSocket server that answers as a test says, and remembers what it was told. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Doc {
  type: string;
  id: number;
  [field: string]: unknown;
}

export type Respond = (doc: Doc, socket: WebSocket, connection: number) => object | undefined;

export interface ScriptedServer {
  url: string;
  /** Every frame, as it came. */
  frames: string[];
  docs: Doc[];
  upgrades: IncomingMessage[];
  sockets: WebSocket[];
  /** Changes how documents are answered from now on; undefined answers nothing. */
  respond(respond: Respond): void;
  stop(): Promise<void>;
}

const DEADLINE_MS = 5_000;

/** @param refuse an HTTP status for an upgrade, or undefined to take it */
export async function scriptedServer(
  respond: Respond,
  refuse: (request: IncomingMessage) => number | undefined = () => undefined,
): Promise<ScriptedServer> {
  let answer = respond;
  const frames: string[] = [];
  const docs: Doc[] = [];
  const upgrades: IncomingMessage[] = [];
  const sockets: WebSocket[] = [];
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: (offered) => [...offered][0] ?? false,
    verifyClient: ({ req }, done) => {
      upgrades.push(req);
      const status = refuse(req);
      done(status === undefined, status);
    },
  });
  server.on('connection', (socket) => {
    const connection = sockets.push(socket);
    socket.on('message', (data) => {
      const frame = String(data);
      frames.push(frame);
      const replies: string[] = [];
      for (const line of frame.split('\n')) {
        const doc = JSON.parse(line) as Doc;
        docs.push(doc);
        const reply = answer(doc, socket, connection);
        if (reply) replies.push(JSON.stringify(reply));
      }
      if (replies.length > 0 && socket.readyState === socket.OPEN) socket.send(replies.join('\n'));
    });
  });
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/ws`,
    frames,
    docs,
    upgrades,
    sockets,
    respond: (next) => {
      answer = next;
    },
    stop: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Waits until `condition` holds. @throws past the deadline */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
