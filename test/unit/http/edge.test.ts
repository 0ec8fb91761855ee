import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer, listen } from '../../../server/src/http/listen.ts';
import { ADMIN, problem, raw, type Serving, serve } from './serving.ts';

let edge: Serving;
beforeAll(async () => {
  edge = await serve();
});
afterAll(() => edge.stop());

const ask = (path: string, init: RequestInit = {}) => fetch(edge.url + path, init);

describe('addresses', () => {
  it('[HT7] an unknown address is a 404, a wrong method a 405 that says the right ones', async () => {
    for (const path of [
      '/v2/boards',
      '/v1',
      '/v1/',
      '/v1/boards/',
      '/index.php',
      '/.env',
      '/..%2f..%2fetc/passwd',
      '//x',
    ])
      await problem(await ask(path), 404, 'NOT_FOUND');
    const wrong: [string, string, string][] = [
      ['POST', '/v1/boards', 'GET, HEAD'],
      ['DELETE', '/v1/boards/arena', 'GET, HEAD'],
      ['PATCH', '/v1/boards/arena/top', 'GET, HEAD'],
      ['GET', '/v1/viewer-token', 'POST'],
      ['OPTIONS', '/v1/boards', 'GET, HEAD'],
      ['POST', '/', 'GET, HEAD'],
      ['POST', '/healthz', 'GET, HEAD'],
    ];
    for (const [method, path, allow] of wrong) {
      const response = await ask(path, { method });
      expect(response.headers.get('allow')).toBe(allow);
      await problem(response, 405, 'METHOD_NOT_ALLOWED');
    }
    const admin = await ask('/v1/admin/seasons/s1/settlement', { method: 'DELETE', headers: ADMIN });
    expect(admin.headers.get('allow')).toBe('GET, HEAD, PUT');
    await problem(admin, 405, 'METHOD_NOT_ALLOWED');
  });

  it("[HT7] the WebSocket's address tells plain requests to upgrade", async () => {
    const response = await ask('/v1/ws');
    expect(response.headers.get('upgrade')).toBe('websocket');
    await problem(response, 426, 'UPGRADE_REQUIRED');
  });

  it('[HT7] what is not HTTP gets a problem document too, and the server lives on', async () => {
    const status = async (bytes: string) => {
      const answer = await raw(edge.port, bytes);
      expect(answer).toContain('application/problem+json');
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toMatchObject({
        code: expect.any(String),
      });
      return Number(answer.slice(9, 12));
    };
    expect(await status('nonsense\r\n\r\n')).toBe(400);
    expect(await status('GET / HTTP/9.9\r\n\r\n')).toBe(400);
    expect(await status(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`)).toBe(431);
    expect(
      await status('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n'),
    ).toBe(400);
    expect((await ask('/healthz')).status).toBe(200);
  });

  it.each(['', 'a b', 'x/y', 'user@x', '[', 'x\u0001'])(
    '[HT7] a wrong Host header %j is refused, and the server lives on',
    async (host) => {
      const answer = await raw(
        edge.port,
        `GET /v1/boards HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 (?:200|400) /);
      expect((await ask('/healthz')).status).toBe(200);
    },
  );

  it('[HT8] a failure inside says nothing but a name, and is logged once under it', async () => {
    edge.logged.length = 0;
    const body = await problem(await ask('/v1/boards/arena/around/boom'), 500, 'INTERNAL');
    expect(JSON.stringify(body)).not.toMatch(/hunter2|postgres|password/);
    expect(edge.logged).toHaveLength(1);
    expect(edge.logged[0]).toMatchObject({
      level: 'error',
      message: 'http request failed',
      fields: { instance: body['instance'], route: '/v1/boards/:board/around/:player', method: 'GET' },
    });
  });
});

describe('headers', () => {
  it('[HT9] every answer forbids framing, sniffing and referrers, and none allows another origin', async () => {
    for (const path of ['/', '/healthz', '/metrics', '/v1/boards', '/v1/boards/none', '/none']) {
      const { headers } = await ask(path, { headers: { origin: 'https://evil.example' } });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
});

describe('limits', () => {
  it('[HT10] requests past the rate get 429 with a time to come back, and health is never limited', async () => {
    const small = await serve({ requestsPerSecondMax: 5 });
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++) statuses.push((await fetch(`${small.url}/v1/boards`)).status);
    expect(statuses).toEqual(new Array(10).fill(200));
    const refused = await fetch(`${small.url}/v1/boards`);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await problem(refused, 429, 'RATE_LIMITED')).toMatchObject({
      retryable: true,
      retryAfterMs: 200,
      limit: '5 per second, 10 at once',
    });
    await problem(await fetch(`${small.url}/v1/admin/boards`), 429, 'RATE_LIMITED');
    for (const path of ['/healthz', '/readyz', '/metrics', '/'])
      expect((await fetch(small.url + path)).status).toBe(200);
    small.time.now += 200;
    expect((await fetch(`${small.url}/v1/boards`)).status).toBe(200);
    await small.stop();
  });

  it('[HT10] the client is who the outermost proxy saw, and the header is not believed without one', async () => {
    const from = (edge: Serving, forwarded: string) =>
      fetch(`${edge.url}/v1/boards`, { headers: { 'x-forwarded-for': forwarded } }).then(
        ({ status }) => status,
      );
    const direct = await serve({ requestsPerSecondMax: 1 });
    expect(await from(direct, '10.0.0.1')).toBe(200);
    expect(await from(direct, '10.0.0.2')).toBe(200);
    expect(await from(direct, '10.0.0.3')).toBe(429);
    await direct.stop();
    const proxied = await serve({ requestsPerSecondMax: 1, proxyHops: 1 });
    for (const own of ['1.1.1.1', '2.2.2.2']) expect(await from(proxied, `${own}, 10.0.0.1`)).toBe(200);
    expect(await from(proxied, '3.3.3.3, 10.0.0.1')).toBe(429);
    expect(await from(proxied, '10.0.0.2')).toBe(200);
    await proxied.stop();
  });
});

describe('operations', () => {
  it('[HT11] health says that the process is up, readiness that it should get traffic', async () => {
    expect(await (await ask('/healthz')).json()).toEqual({ status: 'up' });
    expect(await (await ask('/readyz')).json()).toEqual({ status: 'ready' });
    const state = { draining: false };
    let looks = 0;
    const sick = await serve({
      health: {
        draining: () => state.draining,
        checks: {
          redis: async () => {
            looks++;
            throw new Error('connect ECONNREFUSED redis://:hunter2@cache');
          },
          postgres: async () => {},
        },
      },
    });
    const body = await problem(await fetch(`${sick.url}/readyz`), 503, 'UNAVAILABLE');
    expect(body['reasons']).toEqual(['redis: gives no answer']);
    await fetch(`${sick.url}/readyz`);
    expect(looks).toBe(1);
    sick.time.now += 1_000;
    await fetch(`${sick.url}/readyz`);
    expect(looks).toBe(2);
    state.draining = true;
    expect((await problem(await fetch(`${sick.url}/readyz`), 503, 'SHUTTING_DOWN'))['reasons']).toEqual([
      'draining: the server is stopping',
    ]);
    expect((await fetch(`${sick.url}/healthz`)).status).toBe(200);
    await sick.stop();
  });

  it('[HT11] a check that hangs counts as failed', async () => {
    const hung = await serve({
      health: { draining: () => false, checks: { redis: () => new Promise(() => {}) } },
    });
    expect((await problem(await fetch(`${hung.url}/readyz`), 503, 'UNAVAILABLE'))['reasons']).toEqual([
      'redis: gives no answer',
    ]);
    await hung.stop();
  });

  it('[HT11] metrics are text, and requests are counted by pattern and never by id', async () => {
    const response = await ask('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    edge.answered.length = 0;
    await ask('/v1/boards/arena/around/ada');
    await ask('/v1/boards/arena/around/ada?above=x');
    await ask('/v1/boards/none/top');
    await ask('/secret/path');
    await ask('/v1/boards', { method: 'PATCH' });
    await ask('/v1/boards', { method: 'PROPFIND' });
    const seen = edge.answered.map(({ method, route, status }) => `${method} ${route} ${status}`);
    expect(seen).toEqual([
      'GET /v1/boards/:board/around/:player 200',
      'GET /v1/boards/:board/around/:player 400',
      'GET none 404',
      'GET none 404',
      'PATCH none 405',
      'other none 405',
    ]);
  });
});

describe('listening', () => {
  it('[HT12] a taken port is told by number, with what to do', async () => {
    const second = createHttpServer(edge.app);
    await expect(listen(second, { host: '127.0.0.1', port: edge.port })).rejects.toThrow(
      `port ${edge.port} on 127.0.0.1 is taken: stop the program that listens there, or set PORT to another (0 picks a free one)`,
    );
  });

  it('[HT12] an address of another machine is told as such', async () => {
    await expect(listen(createHttpServer(edge.app), { host: '192.0.2.1', port: 0 })).rejects.toThrow(
      /set HOST/,
    );
  });

  it('[HT12] stopping takes no new connections and ends as soon as the last request is answered', async () => {
    let finish: ((text: string) => void) | undefined;
    const text = () => new Promise<string>((resolve) => (finish = resolve));
    const slow = await serve({ metrics: { contentType: 'text/plain', text } });
    const idle = raw(slow.port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    const underWay = fetch(`${slow.url}/metrics`);
    await expect.poll(() => finish).toBeDefined();
    const stopped = slow.stop(60_000);
    await expect(fetch(`${slow.url}/healthz`)).rejects.toThrow();
    finish?.('done');
    expect(await (await underWay).text()).toBe('done');
    await stopped;
    expect(await idle).toContain('"up"');
  });

  it('[HT12] what is left after the time is cut', async () => {
    const slow = await serve();
    const stuck = raw(slow.port, 'GET /v1/boards HTTP/1.1\r\nhost: x\r\n');
    await expect.poll(() => fetch(`${slow.url}/healthz`).then(({ status }) => status)).toBe(200);
    await slow.stop(100);
    expect(await stuck.catch(() => '')).toBe('');
  });
});
