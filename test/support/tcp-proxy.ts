/** A TCP proxy in this process, between a server and its Redis or Postgres, for the faults that a network has and a process has not:
 *
 *    loseReply   the request is carried out, its reply is thrown away and the connection cut: the sender cannot know
 *    delay       every byte comes late, both ways, in order
 *    halfOpen    connections stay, and nothing passes: the peer vanished without a word
 *    cut         all connections end now; new ones are served
 *
 *  Invariant: bytes are never passed on after some of the same stream were thrown away. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** One direction of a connection. */
interface Side {
  tail: Promise<void>;
  held: number;
}

interface Pair {
  client: Socket;
  target: Socket;
  /** The next reply is thrown away. */
  doomed: boolean;
  toClient: Side;
  toTarget: Side;
  /** Something of its streams is gone: it cannot go on after `heal`. */
  torn: boolean;
}

export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #targetPort: number;
  #delayMs = 0;
  #halfOpen = false;
  #loseAfter: { text: string; times: number } | undefined;
  /** Requests that were carried out and whose reply was thrown away. */
  lostReplies = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ allowHalfOpen: false }, (client) => this.#accept(client, this.#targetPort));
  }

  /** In front of a port of this machine. */
  static async inFrontOf(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Another server took the address over: connections end, and new ones go there. */
  moveTo(targetPort: number): void {
    this.#targetPort = targetPort;
    this.cut();
  }

  /** The same address, through this proxy. */
  through(url: string): string {
    const proxied = new URL(url);
    proxied.host = `127.0.0.1:${this.port}`;
    return proxied.href;
  }

  /** The replies to the next `times` requests that contain `text` are lost. */
  loseReply(text: string, times = 1): void {
    this.#loseAfter = { text, times };
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  halfOpen(): void {
    this.#halfOpen = true;
  }

  cut(): void {
    for (const { client, target } of this.#pairs) {
      client.destroy();
      target.destroy();
    }
    this.#pairs.clear();
  }

  /** No more faults; connections that lost bytes are cut. */
  heal(): void {
    this.#delayMs = 0;
    this.#halfOpen = false;
    this.#loseAfter = undefined;
    for (const pair of this.#pairs) if (pair.torn) this.#end(pair);
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket, targetPort: number): void {
    const target = connect({ port: targetPort, host: '127.0.0.1' });
    const side = (): Side => ({ tail: Promise.resolve(), held: 0 });
    const pair: Pair = { client, target, doomed: false, torn: false, toClient: side(), toTarget: side() };
    this.#pairs.add(pair);
    for (const socket of [client, target]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#end(pair));
    }
    // A loopback connection to a free port of the ephemeral range can meet itself, and would keep the port from its owner.
    target.once('connect', () => target.localPort === targetPort && this.#end(pair));
    client.on('data', (chunk) => this.#request(pair, chunk));
    target.on('data', (chunk) => this.#reply(pair, chunk));
  }

  #request(pair: Pair, chunk: Buffer): void {
    const lose = this.#loseAfter;
    if (lose && lose.times > 0 && !pair.doomed && chunk.includes(lose.text)) {
      lose.times--;
      pair.doomed = true;
    }
    this.#pass(pair, pair.target, chunk);
  }

  #reply(pair: Pair, chunk: Buffer): void {
    if (!pair.doomed) this.#pass(pair, pair.client, chunk);
    else {
      this.lostReplies++;
      this.#end(pair);
    }
  }

  #pass(pair: Pair, to: Socket, chunk: Buffer): void {
    if (this.#halfOpen) pair.torn = true;
    if (pair.torn) return;
    const side = to === pair.client ? pair.toClient : pair.toTarget;
    if (this.#delayMs === 0 && side.held === 0) {
      to.write(chunk);
      return;
    }
    // Behind what is held already, also after `heal`: bytes keep their order.
    const dueAt = performance.now() + this.#delayMs;
    side.held++;
    side.tail = side.tail.then(async () => {
      await delay(Math.max(0, dueAt - performance.now()));
      side.held--;
      if (!to.destroyed) to.write(chunk);
    });
  }

  #end(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    pair.client.destroy();
    pair.target.destroy();
  }
}
