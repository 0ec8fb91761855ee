/** The HTTP edge on a real socket of its own, with doubles behind it. */
import { connect } from 'node:net';
import { expect } from 'vitest';
import { buildApp, type HttpApp } from '../../../server/src/http/app.ts';
import type { HttpDeps } from '../../../server/src/http/deps.ts';
import { createHttpServer, listen } from '../../../server/src/http/listen.ts';
import { type Doubles, doubles } from './doubles.ts';

export interface Serving extends Doubles {
  app: HttpApp;
  url: string;
  port: number;
  stop(withinMs?: number): Promise<void>;
}

export async function serve(over: Partial<HttpDeps> = {}): Promise<Serving> {
  const parts = doubles(over);
  const app = buildApp(parts.deps);
  const { url, port, stop } = await listen(createHttpServer(app), { host: '127.0.0.1', port: 0 });
  return { ...parts, app, url, port, stop: (withinMs = 1_000) => stop(withinMs) };
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
export const ADMIN = bearer('admin:root');
export const JSON_TYPE = { 'content-type': 'application/json' };

/** Asserts that an answer is a problem document, whole and of this code. */
export async function problem(
  response: Response,
  status: number,
  code: string,
): Promise<Record<string, unknown>> {
  const text = await response.text();
  expect({ status: response.status, type: response.headers.get('content-type') }, text).toEqual({
    status,
    type: 'application/problem+json',
  });
  const body = JSON.parse(text) as Record<string, unknown>;
  expect(body).toMatchObject({
    type: `urn:photofinish:problem:${code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code,
    retryable: expect.any(Boolean),
  });
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  return body;
}

/** Sends bytes as they are and reads until the server hangs up. */
export function raw(port: number, bytes: string, withinMs = 5_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.setEncoding('latin1');
    socket.setTimeout(withinMs, () => socket.destroy(new Error(`no end within ${withinMs} ms: ${answer}`)));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

/** The JSON of an answer, taken to be of the shape that the caller names. */
export const jsonOf = async <T>(response: Response | Promise<Response>): Promise<T> =>
  (await (await response).json()) as T;
