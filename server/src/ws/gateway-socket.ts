/** How `ws` is set up, and what its sockets do differently here. Its public face only. */
import { CLOSES } from '@photofinish/shared/protocol/closes';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import { SUBPROTOCOL } from '@photofinish/shared/protocol/version';
import { WebSocket, WebSocketServer } from 'ws';

const FRAME_TOO_BIG = `${CLOSES.frameTooBig.reason} of ${LIMITS.frameBytesMax} bytes; send smaller frames`;

/** What a socket tells. One object per connection in place of a listener per event. */
export interface SocketListener {
  received(data: Buffer, isBinary: boolean): void;
  ponged(): void;
  failed(error: Error): void;
  /** A close frame is about to be sent, by whomever: nothing may follow it. */
  closing(): void;
  closed(code: number): void;
}

export class GatewaySocket extends WebSocket {
  listener: SocketListener | undefined;

  /** Tells the listener directly: four event listeners per connection cost half a kilobyte (`idle.bytes`). */
  override emit(event: string | symbol, first?: unknown, second?: unknown): boolean {
    const { listener } = this;
    if (!listener) return super.emit(event, first, second);
    switch (event) {
      case 'message':
        listener.received(first as Buffer, second as boolean);
        return true;
      case 'pong':
        listener.ponged();
        return true;
      case 'error':
        listener.failed(first as Error);
        return true;
      case 'close':
        listener.closed(this.sentCode ?? (first as number));
        return true;
      default:
        return super.emit(event, first, second);
    }
  }

  /** What this side closed with; undefined when the peer went without a code. `ws` tells the peer's answer only, which is 1006 when
   *  the peer could not be waited for. */
  sentCode: number | undefined;

  /** `ws` closes a too big frame by itself, without words; this adds them. */
  override close(code?: number, reason?: string | Buffer): void {
    this.sentCode ??= code;
    this.listener?.closing();
    const isBare = code === CLOSES.frameTooBig.code && reason === undefined;
    super.close(code, isBare ? FRAME_TOO_BIG : reason);
  }
}

export const socketServer = () =>
  new WebSocketServer<typeof GatewaySocket>({
    noServer: true,
    clientTracking: false,
    maxPayload: LIMITS.frameBytesMax,
    // Costs about five times the CPU of the message itself.
    perMessageDeflate: false,
    WebSocket: GatewaySocket,
    // Never the token's subprotocol.
    handleProtocols: () => SUBPROTOCOL,
  });
