/** What the WebSocket baselines share: a bare `ws` server, as its README has it, with compression off. */
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export function listen(
  onConnection: (socket: WebSocket) => void,
): Promise<{ url: string; server: WebSocketServer }> {
  const server = new WebSocketServer({
    ...{ host: '127.0.0.1', port: 0, perMessageDeflate: false, maxPayload: 256 * 1_024 },
    clientTracking: true,
    handleProtocols: (protocols) => [...protocols][0] ?? false,
  });
  server.on('connection', onConnection);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () =>
      resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }),
    );
  });
}
