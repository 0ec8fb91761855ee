import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  boardReadAnswer,
  boardsAnswer,
  entriesAnswer,
  ranksAnswer,
  seasonAnswer,
  seasonsAnswer,
  windowAnswer,
} from '../../../server/src/http/schemas.ts';
import { BOARD, ENTRIES } from './doubles.ts';
import { jsonOf, problem, type Serving, serve } from './serving.ts';

let edge: Serving;
beforeAll(async () => {
  edge = await serve();
});
afterAll(() => edge.stop());

const get = (path: string) => fetch(edge.url + path);

describe('public reads', () => {
  it.each([
    ['/v1/boards', boardsAnswer],
    ['/v1/boards/arena', boardReadAnswer],
    ['/v1/boards/arena/seasons', seasonsAnswer],
    ['/v1/boards/arena/top', entriesAnswer],
    ['/v1/boards/arena/around/ada', entriesAnswer],
    ['/v1/boards/arena/ranks?players=ada,zed', ranksAnswer],
    ['/v1/seasons/s1', seasonAnswer],
    ['/v1/seasons/s1/window', windowAnswer],
  ] as [string, z.ZodType][])(
    '[HT1] GET %s answers what its schema says, and is not cached',
    async (path, schema) => {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(schema.parse(await response.json())).toBeTruthy();
    },
  );

  it('[HT1] fills in limits, and passes on what was asked', async () => {
    edge.calls.length = 0;
    await get('/v1/boards/arena/top');
    await get('/v1/boards/arena/top?limit=1000&season=s1');
    await get('/v1/boards/arena/around/ada?above=0&below=100');
    await get('/v1/boards/arena/ranks?players=ada,zed&season=s1');
    expect(edge.calls).toEqual([
      ['top', { board: 'arena', limit: 10 }],
      ['top', { board: 'arena', limit: 1_000, season: 's1' }],
      ['around', { board: 'arena', player: 'ada', above: 0, below: 100 }],
      ['ranks', { board: 'arena', players: ['ada', 'zed'], season: 's1' }],
    ]);
    const top = await jsonOf<{ entries: object[] }>(get('/v1/boards/arena/top?limit=1'));
    expect(top.entries).toEqual(ENTRIES.slice(0, 1));
    const ranks = await jsonOf<{ entries: object[] }>(get('/v1/boards/arena/ranks?players=zed,bob'));
    expect(ranks.entries).toEqual([
      { player: 'zed', rank: null },
      { ...ENTRIES[1], percentile: 100 },
    ]);
    expect(await jsonOf(get('/v1/boards'))).toEqual({ boards: [BOARD] });
  });

  it('[HT1] HEAD answers the head of GET', async () => {
    const response = await fetch(`${edge.url}/v1/boards`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it.each([
    ['/v1/boards/none', 404, 'BOARD_NOT_FOUND', 'board'],
    ['/v1/boards/none/top', 404, 'BOARD_NOT_FOUND', 'board'],
    ['/v1/boards/none/seasons', 404, 'BOARD_NOT_FOUND', 'board'],
    ['/v1/boards/arena/around/zed', 404, 'PLAYER_NOT_FOUND', 'player'],
    ['/v1/seasons/none', 404, 'SEASON_NOT_FOUND', 'season'],
    ['/v1/seasons/none/window', 404, 'SEASON_NOT_FOUND', 'season'],
    ['/v1/boards/a%20b', 400, 'INVALID_REQUEST', 'board'],
    ['/v1/boards/a%2Fb', 400, 'INVALID_REQUEST', 'board'],
    ['/v1/boards/%00', 400, 'INVALID_REQUEST', 'board'],
    [`/v1/boards/${'a'.repeat(65)}`, 400, 'INVALID_REQUEST', 'board'],
    ['/v1/boards/%C3%A9', 400, 'INVALID_REQUEST', 'board'],
    ['/v1/boards/%E0%A4%A', 400, 'INVALID_REQUEST', 'board'],
    ['/v1/boards/arena/top?limit=0', 400, 'INVALID_REQUEST', 'limit'],
    ['/v1/boards/arena/top?limit=1001', 400, 'INVALID_REQUEST', 'limit'],
    ['/v1/boards/arena/top?limit=1.5', 400, 'INVALID_REQUEST', 'limit'],
    ['/v1/boards/arena/top?limit=ten', 400, 'INVALID_REQUEST', 'limit'],
    ['/v1/boards/arena/top?limit=', 400, 'INVALID_REQUEST', 'limit'],
    ['/v1/boards/arena/top?limit=1&limit=2', 400, 'INVALID_REQUEST', 'limit'],
    ['/v1/boards/arena/top?seasn=s1', 400, 'INVALID_REQUEST', 'seasn'],
    ['/v1/boards/arena/top?season=', 400, 'INVALID_REQUEST', 'season'],
    ['/v1/boards/arena/around/ada?above=101', 400, 'INVALID_REQUEST', 'above'],
    ['/v1/boards/arena/around/ada?below=-1', 400, 'INVALID_REQUEST', 'below'],
    ['/v1/boards/arena/ranks', 400, 'INVALID_REQUEST', 'players'],
    ['/v1/boards/arena/ranks?players=', 400, 'INVALID_REQUEST', 'players.0'],
    ['/v1/boards/arena/ranks?players=ada,,bob', 400, 'INVALID_REQUEST', 'players.1'],
    [`/v1/boards/arena/ranks?players=${'a,'.repeat(100)}a`, 400, 'INVALID_REQUEST', 'players'],
    ['/v1/seasons/s1?x=1', 400, 'INVALID_REQUEST', 'x'],
  ])('[HT2] GET %s is refused with %i %s, naming %s and the fix', async (path, status, code, field) => {
    const body = await problem(await get(path), status, code);
    expect(body).toMatchObject({ field });
    if (code === 'INVALID_REQUEST')
      expect(body).toMatchObject({ limit: expect.stringMatching(/\S/), fix: expect.stringMatching(/\S/) });
  });

  it('[HT2] several wrong fields are told together', async () => {
    const body = await problem(
      await get('/v1/boards/arena/around/ada?above=-1&below=x'),
      400,
      'INVALID_REQUEST',
    );
    expect(body['detail']).toBe(
      'above: must be a whole number from 0 to 100; below: must be a whole number from 0 to 100',
    );
  });
});
