/** How `ws` is set up, and what its sockets do differently here. Its public face only. */
import type { Duplex } from 'node:stream';
import { CLOSES } from '@photofinish/shared/protocol/closes';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import { SUBPROTOCOL } from '@photofinish/shared/protocol/version';
import { WebSocket, WebSocketServer } from 'ws';

const FRAME_TOO_BIG = `${CLOSES.frameTooBig.reason} of ${LIMITS.frameBytesMax} bytes; send smaller frames`;

export class GatewaySocket extends WebSocket {
  /** What this side closed with; undefined when the peer went without a code. `ws` tells the peer's answer only, which is 1006 when
   *  the peer could not be waited for. */
  sentCode: number | undefined;

  /** The connection under it, to which whole frames may be written: nothing here is compressed or fragmented, so that `ws` writes whole
   *  frames too, and its `bufferedAmount` counts these with its own. */
  connection: Duplex | undefined;

  sendFrame(frame: Buffer, written: (error?: Error | null) => void): void {
    if (this.readyState === WebSocket.OPEN && this.connection) this.connection.write(frame, written);
    else written();
  }

  /** `ws` closes a too big frame by itself, without words; this adds them. */
  override close(code?: number, reason?: string | Buffer): void {
    this.sentCode ??= code;
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
