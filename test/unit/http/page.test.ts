import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, problem, type Serving, serve } from './serving.ts';

const directory = mkdtempSync(join(tmpdir(), 'photofinish-page-'));
const web = join(directory, 'web');
let edge: Serving;

beforeAll(async () => {
  edge = await serve({ pageDirectory: web });
});
afterAll(async () => {
  await edge.stop();
  rmSync(directory, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(edge.url + path, { headers });

describe('the page', () => {
  it('[HT14] says how to build it while it is not built', async () => {
    const response = await get('/');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await response.text()).toContain('npm run build:web');
  });

  it('[HT14] serves what was built: types, caches and a policy that allows its own files and socket', async () => {
    mkdirSync(join(web, 'assets'), { recursive: true });
    writeFileSync(join(web, 'index.html'), '<!doctype html><title>Photofinish</title>');
    writeFileSync(join(web, 'assets/index-a1b2c3.js'), 'export {};');
    writeFileSync(join(web, 'assets/index-d4e5f6.css'), 'body{}');
    writeFileSync(join(web, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(join(directory, 'secret.txt'), 'hunter2');
    const index = await get('/');
    expect(index.headers.get('content-type')).toMatch(/^text\/html/);
    expect(index.headers.get('cache-control')).toBe('no-cache');
    const policy = index.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${edge.port} wss://127.0.0.1:${edge.port}`);
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(await index.text()).toContain('Photofinish');
    for (const [path, type] of [
      ['/assets/index-a1b2c3.js', /^text\/javascript/],
      ['/assets/index-d4e5f6.css', /^text\/css/],
    ] as const) {
      const response = await get(path);
      expect(response.headers.get('content-type')).toMatch(type);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
    expect((await get('/icon.svg')).headers.get('content-type')).toMatch(/^image\/svg\+xml/);
  });

  it('[HT14] an unchanged index is not sent again', async () => {
    const tag = (await get('/')).headers.get('etag') ?? '';
    expect(tag).not.toBe('');
    expect((await get('/', { 'if-none-match': tag })).status).toBe(304);
  });

  it('[HT14] no path leaves the folder, and a missing file is a problem', async () => {
    for (const path of [
      '/assets/none.js',
      '/assets/..%2f..%2fsecret.txt',
      '/assets/%2e%2e/%2e%2e/secret.txt',
      '/..%5csecret.txt',
      '/secret.txt',
      '/assets/',
    ])
      await problem(await get(path), 404, 'NOT_FOUND');
  });
});

describe("the page's tokens", () => {
  const mint = (headers: Record<string, string>, at = edge) =>
    fetch(`${at.url}/v1/viewer-token`, { method: 'POST', headers });

  it('[HT15] the page gets a viewer token of ten minutes, not to be stored', async () => {
    for (const headers of [
      { origin: edge.url },
      { origin: edge.url, 'sec-fetch-site': 'same-origin' },
    ] as Record<string, string>[]) {
      const response = await mint(headers);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const { token, expiresAt } = await jsonOf<{ token: string; expiresAt: number }>(response);
      expect(token).toMatch(/^viewer:viewer-[\w-]{12}:600$/);
      expect(Math.abs(expiresAt - Date.now() - 600_000)).toBeLessThan(5_000);
    }
  });

  it.each([
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'nonsense' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
  ] as Record<string, string>[])('[HT15] nobody else gets one: %j', async (headers) => {
    await problem(await mint(headers), 403, 'FORBIDDEN');
  });

  it('[HT15] a server without a public page mints none', async () => {
    const closed = await serve({ viewerToken: undefined });
    await problem(await mint({ origin: closed.url }, closed), 404, 'NOT_FOUND');
    await closed.stop();
  });

  it('[HT15] one address cannot mint without end', async () => {
    const flooded = await serve();
    const statuses = await Promise.all(
      Array.from({ length: 80 }, () => mint({ origin: flooded.url }, flooded).then(({ status }) => status)),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(60);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    await flooded.stop();
  });
});
