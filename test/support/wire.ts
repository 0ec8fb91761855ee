/** A bare WebSocket client for tests: it knows the wire's framing and nothing of the SDK. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Document {
  type: string;
  id?: number | string | null;
  code?: string;
  match?: string;
  season?: string;
  serverTime?: number;
  total?: number;
  entries?: { player: string; rank: number; score: number; achievedAt: number }[];
  [field: string]: unknown;
}

export interface Wire {
  /** Sends a request with the next id and resolves with its reply, `ok` or `error`. */
  ask(request: Record<string, unknown>): Promise<Document>;
  /** The same, and throws when the reply is not `ok`. */
  ok(request: Record<string, unknown>): Promise<Document>;
  send(text: string): void;
  /** Everything without a waiting request: pushes and errors with id null. */
  pushes: Document[];
  closed: Promise<{ code: number; reason: string }>;
  socket: WebSocket;
  close(): void;
}

const REPLY_WITHIN_MS = 15_000;

export async function openWire(url: string, token: string): Promise<Wire> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/ws`, 'photofinish.v1.json', {
    headers: { authorization: `Bearer ${token}` },
  });
  const waiting = new Map<number, (reply: Document) => void>();
  const pushes: Document[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  socket.on('message', (data) => {
    for (const line of data.toString().split('\n')) {
      const document = JSON.parse(line) as Document;
      const resolve = typeof document.id === 'number' ? waiting.get(document.id) : undefined;
      if (!resolve || typeof document.id !== 'number') pushes.push(document);
      else {
        waiting.delete(document.id);
        resolve(document);
      }
    }
  });
  await once(socket, 'open');
  let nextId = 1;
  const ask = (request: Record<string, unknown>): Promise<Document> => {
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`no reply to ${JSON.stringify(request)} in ${REPLY_WITHIN_MS} ms`)),
        REPLY_WITHIN_MS,
      );
      const settle = (reply: Document) => {
        clearTimeout(late);
        resolve(reply);
      };
      waiting.set(id, settle);
      void closed.then(({ code }) => settle({ type: 'error', id, code: `CLOSED_${code}` }));
      socket.send(JSON.stringify({ ...request, id }));
    });
  };
  return {
    ask,
    async ok(request) {
      const reply = await ask(request);
      if (reply.type !== 'ok') throw new Error(`${JSON.stringify(request)} -> ${JSON.stringify(reply)}`);
      return reply;
    },
    send: (text) => socket.send(text),
    pushes,
    closed,
    socket,
    close: () => socket.close(),
  };
}
