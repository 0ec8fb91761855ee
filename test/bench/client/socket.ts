/** One WebSocket connection of the client, straight on TCP: a library would cost as much here as it costs the server. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { FrameReader, frameBytes, pongFrame, putFrame } from './frames.ts';

/** Where to connect, and as whom. */
export interface Target {
  url: string;
  /** Of the product: baselines ask for none. */
  token?: string;
}

const OPEN_WITHIN_MS = 30_000;

export class ClientSocket {
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  /** Told of each text frame. */
  onText: (chunk: Buffer, start: number, end: number) => void = () => undefined;
  /** Told once after all frames of one read. */
  onRead: () => void = () => undefined;
  /** Told when the connection ends unasked. */
  onLost: (why: string) => void = () => undefined;
  #closing = false;

  private constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.#reader = new FrameReader({
      onText: (chunk, start, end) => this.onText(chunk, start, end),
      onPing: () => socket.write(pongFrame()),
      onClose: (why) => this.#lost(`the server closed it: ${why}`),
    });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#lost(error.message));
    socket.on('close', () => this.#lost('it was closed'));
    if (head.length > 0) queueMicrotask(() => this.#take(head));
  }

  static open({ url, token }: Target): Promise<ClientSocket> {
    const { hostname, port, host } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      const fail = (why: string) => {
        clearTimeout(late);
        socket.destroy();
        reject(new Error(`no WebSocket at ${url}: ${why}`));
      };
      const late = setTimeout(() => fail('no answer in time'), OPEN_WITHIN_MS);
      socket.once('error', (error) => fail(error.message));
      socket.once('connect', () => socket.write(handshake(host, token)));
      let answer = Buffer.alloc(0);
      const read = (chunk: Buffer) => {
        answer = Buffer.concat([answer, chunk]);
        const end = answer.indexOf('\r\n\r\n');
        if (end < 0) return;
        const status = answer.toString('latin1', 0, answer.indexOf('\r\n'));
        if (!status.includes(' 101 ')) {
          fail(`${status} ${answer.toString('latin1', end + 4)}`);
          return;
        }
        clearTimeout(late);
        socket.removeAllListeners();
        resolve(new ClientSocket(socket, answer.subarray(end + 4)));
      };
      socket.on('data', read);
    });
  }

  /** Each text becomes a frame; all of them leave in one write. */
  send(texts: readonly string[]): void {
    let bytes = 0;
    for (const text of texts) bytes += frameBytes(text);
    const frames = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const text of texts) at = putFrame(frames, at, text);
    this.#socket.write(frames);
  }

  close(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#reader.take(chunk);
    this.onRead();
  }

  #lost(why: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.onLost(why);
  }
}

const handshake = (host: string, token: string | undefined): string =>
  [
    'GET /v1/ws HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Protocol: photofinish.v1.json',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    '\r\n',
  ].join('\r\n');

/** `count` connections, at most so many handshakes at a time. */
export async function openSockets(target: Target, count: number): Promise<ClientSocket[]> {
  const sockets: ClientSocket[] = [];
  const opener = async () => {
    for (let next = sockets.length; next < count; next = sockets.length) {
      sockets.push(undefined as never);
      sockets[next] = await ClientSocket.open(target);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, HANDSHAKES_MAX) }, opener));
  return sockets;
}

const HANDSHAKES_MAX = 32;
