/** What a studio's own code needs around the SDK: connections with tokens of their role, and the admin API. The recipes use it. */

import { Client } from '@photofinish/shared/client/client';
import type { Board, BoardInput } from '@photofinish/shared/domain/board';
import { WebSocket } from 'ws';

export type Role = 'player' | 'server' | 'viewer' | 'admin';

export interface Studio {
  /** A connection that acts as `sub`; it connects again by itself, and sends again what had no answer. */
  connect(role: Role, sub: string): Client;
  /** A call of the admin API. @throws Error with the problem document when it is refused */
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  createBoard(board: BoardInput): Promise<Board>;
  /** Ends every connection. */
  close(): void;
}

/** @param url of the server, as `http://127.0.0.1:8080`
 *  @param token mints one, as the studio's own login service does */
export function studio(url: string, token: (role: Role, sub: string) => Promise<string>): Studio {
  const clients: Client[] = [];
  const admin = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token('admin', 'studio')}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  };
  return {
    connect(role, sub) {
      const client = new Client({
        url: `${url.replace('http', 'ws')}/v1/ws`,
        token: () => token(role, sub),
        openSocket: (address, protocols) => new WebSocket(address, protocols),
      });
      clients.push(client);
      return client;
    },
    admin,
    createBoard: (board) => admin('POST', '/v1/admin/boards', board) as Promise<Board>,
    close: () => {
      for (const client of clients) client.close();
    },
  };
}
