/** Calls of the HTTP API as an admin makes them. */
import type { ServerProcess } from './server.ts';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  body: any;
}

export async function call(
  server: Pick<ServerProcess, 'url' | 'token'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await server.token('admin', 'test-admin')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** The same, and throws when the status is not 2xx. */
export async function must(
  server: Pick<ServerProcess, 'url' | 'token'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer['body']> {
  const answer = await call(server, method, path, body);
  if (answer.status >= 300)
    throw new Error(`${method} ${path} -> ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}
