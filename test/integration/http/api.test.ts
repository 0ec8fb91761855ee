/** The HTTP API of the whole server, as an admin and a stranger use it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  boardReadAnswer,
  boardsAnswer,
  entriesAnswer,
  ranksAnswer,
  seasonAnswer,
  seasonsAnswer,
  settlementAnswer,
  windowAnswer,
} from '../../../server/src/http/schemas.ts';
import { call, must } from '../../support/admin.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';

let server: ServerProcess;
let season = '';
const BOARD = 'http-arena';

beforeAll(async () => {
  server = await startServer();
  await must(server, 'POST', '/v1/admin/boards', {
    id: BOARD,
    title: 'Arena',
    prizes: { bands: [{ from: 1, to: 3, amountMinor: 1_000 }] },
  });
  season = (await must(server, 'GET', `/v1/boards/${BOARD}/seasons`)).seasons[0].id;
});
afterAll(() => server?.stop());

describe('the whole server', () => {
  it('[HT1] answers every public read as its schema says, on a board without entries', async () => {
    const reads: [string, z.ZodType][] = [
      ['/v1/boards', boardsAnswer],
      [`/v1/boards/${BOARD}`, boardReadAnswer],
      [`/v1/boards/${BOARD}/seasons`, seasonsAnswer],
      [`/v1/boards/${BOARD}/top`, entriesAnswer],
      [`/v1/boards/${BOARD}/top?season=${season}&limit=1000`, entriesAnswer],
      [`/v1/boards/${BOARD}/ranks?players=ada,bob`, ranksAnswer],
      [`/v1/seasons/${season}`, seasonAnswer],
      [`/v1/seasons/${season}/window`, windowAnswer],
    ];
    for (const [path, schema] of reads) {
      const { status, body } = await call(server, 'GET', path);
      expect({ path, status }).toEqual({ path, status: 200 });
      expect(z.safeParse(schema, body), path).toMatchObject({ success: true });
    }
    expect(await call(server, 'GET', `/v1/boards/${BOARD}/around/ada`)).toMatchObject({
      status: 404,
      body: { code: 'PLAYER_NOT_FOUND' },
    });
  });

  it('[SE10] lists the seasons of a board newest first, page by page', async () => {
    await must(server, 'POST', '/v1/admin/boards', { id: 'http-many', title: 'Many' });
    const path = '/v1/boards/http-many/seasons';
    for (let number = 1; number < 3; number += 1) {
      const [newest] = (await must(server, 'GET', path)).seasons;
      await must(server, 'POST', `/v1/admin/seasons/${newest.id}/close`, { now: true });
      await must(server, 'POST', '/v1/admin/boards/http-many/seasons');
    }
    const numbers = async (query: string) => {
      const { seasons, next } = await must(server, 'GET', path + query);
      return { numbers: seasons.map((one: { number: number }) => one.number), next };
    };
    expect(await numbers('')).toEqual({ numbers: [3, 2, 1], next: undefined });
    expect(await numbers('?limit=2')).toEqual({ numbers: [3, 2], next: 2 });
    expect(await numbers('?limit=2&before=2')).toEqual({ numbers: [1], next: undefined });
    expect(await call(server, 'GET', `${path}?limit=0`)).toMatchObject({
      status: 400,
      body: { field: 'limit' },
    });
  });

  it('[HT3] refuses an admin call without a token, with a forged one, and with a player token', async () => {
    const path = `${server.url}/v1/admin/seasons/${season}/settlement`;
    const ask = async (token?: string) => {
      const response = await fetch(path, {
        method: 'PUT',
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
      return [response.status, response.headers.get('content-type')];
    };
    const admin = await server.token('admin', 'root');
    const player = await server.token('player', 'ada');
    const [head = '', , signature = ''] = admin.split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'eve', role: 'admin', exp: 4_000_000_000 }));
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await ask()).toEqual([401, 'application/problem+json']);
    expect(await ask(`${head}.${claims.toString('base64url')}.${signature}`)).toEqual([
      401,
      'application/problem+json',
    ]);
    expect(await ask(`${none}.${claims.toString('base64url')}.`)).toEqual([401, 'application/problem+json']);
    expect(await ask(player)).toEqual([403, 'application/problem+json']);
    expect(await must(server, 'GET', `/v1/seasons/${season}`)).toMatchObject({ state: 'open' });
    for (const token of [admin, player]) expect(server.logs()).not.toContain(token);
  });

  it('[HT4] a board is created once, and a second season opens only after the first', async () => {
    expect(await call(server, 'POST', '/v1/admin/boards', { id: BOARD, title: 'Again' })).toMatchObject({
      status: 409,
      body: { code: 'BOARD_EXISTS' },
    });
    expect(await call(server, 'POST', `/v1/admin/boards/${BOARD}/seasons`)).toMatchObject({
      status: 409,
      body: { code: 'SEASON_ALREADY_OPEN' },
    });
  });

  it('[HT6] a preview settles nothing; settling closes and settles once, the same for ever after', async () => {
    const path = `/v1/admin/seasons/${season}/settlement`;
    expect(await must(server, 'PUT', `${path}?preview`)).toMatchObject({ preview: true });
    expect(await call(server, 'GET', path)).toMatchObject({
      status: 404,
      body: { code: 'SETTLEMENT_NOT_FOUND' },
    });
    expect(await must(server, 'GET', `/v1/seasons/${season}`)).toMatchObject({ state: 'open' });
    const settled = settlementAnswer.parse(await must(server, 'PUT', path));
    expect(settled).toMatchObject({ season, preview: false, standings: 0, awards: [] });
    expect(await must(server, 'PUT', path)).toEqual(settled);
    expect(await must(server, 'GET', path)).toEqual(settled);
    expect(await must(server, 'GET', `/v1/seasons/${season}`)).toMatchObject({ state: 'settled' });
    expect(await must(server, 'POST', `/v1/admin/boards/${BOARD}/seasons`)).toMatchObject({
      number: 2,
      state: 'open',
    });
  });

  it('[HT11] is ready, and its metrics hold the consistency window', async () => {
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(/^photofinish_flush_oldest_dirty_seconds [\d.]+$/m);
    expect(text).toMatch(/^photofinish_flush_dirty_entries \d+$/m);
    expect(text).not.toContain(BOARD);
    expect(text).not.toContain(season);
  });

  it('[HT15] the page gets a viewer token, which is no admin', async () => {
    const response = await fetch(`${server.url}/v1/viewer-token`, {
      method: 'POST',
      headers: { origin: server.url },
    });
    expect(response.status).toBe(200);
    const { token } = (await response.json()) as { token: string };
    const admin = await fetch(`${server.url}/v1/admin/boards`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(admin.status).toBe(403);
  });

  it('[CF4] the start log shows the configuration without its secrets', () => {
    expect(server.logs()).toContain('"connectionsMax":20000');
    expect(server.logs()).not.toContain(server.jwtSecret);
    const { password } = new URL(server.databaseUrl);
    if (password !== '') expect(server.logs()).not.toContain(password);
  });
});
