/** A receiver of alerts as a studio would run one: it checks each signature over the bytes that came. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AlertNotice } from '../../server/src/observe/alerts.ts';

export interface Receiver {
  url: string;
  /** What came with a right signature, in order. */
  notices: AlertNotice[];
  /** Requests of any kind. */
  requests: number;
  /** Status of the answers; 0: none is given. */
  status: number;
  stop(): Promise<void>;
}

export async function startReceiver(secret: string): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    receiver.requests++;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const [, at, mac] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['photofinish-signature'])) ?? [];
    const expected = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
    if (receiver.status === 0) return;
    if (receiver.status === 200 && mac === expected) receiver.notices.push(JSON.parse(body) as AlertNotice);
    response.writeHead(mac === expected ? receiver.status : 401, { location: '/elsewhere' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    notices: [],
    requests: 0,
    status: 200,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
