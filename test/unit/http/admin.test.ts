import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX } from '../../../server/src/http/app.ts';
import { settlementAnswer, storedBoardAnswer, windowAnswer } from '../../../server/src/http/schemas.ts';
import { BOARD } from './doubles.ts';
import { ADMIN, bearer, JSON_TYPE, jsonOf, problem, raw, type Serving, serve } from './serving.ts';

let edge: Serving;
beforeAll(async () => {
  edge = await serve();
});
afterAll(() => edge.stop());
beforeEach(() => {
  edge.calls.length = 0;
});

const send = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
  fetch(edge.url + path, {
    method,
    headers: { ...ADMIN, ...(body === undefined ? {} : JSON_TYPE), ...headers },
    ...(body === undefined ? {} : { body }),
  });

const ROUTES: [string, string][] = [
  ['GET', '/v1/admin/boards'],
  ['POST', '/v1/admin/boards'],
  ['POST', '/v1/admin/boards/arena/seasons'],
  ['POST', '/v1/admin/seasons/s1/close'],
  ['POST', '/v1/admin/seasons/s1/flush'],
  ['PUT', '/v1/admin/seasons/s1/settlement'],
  ['GET', '/v1/admin/seasons/s1/settlement'],
  ['GET', '/v1/admin/matches/m1'],
  ['POST', '/v1/admin/matches/m1/abandon'],
  ['GET', '/v1/admin/flags'],
  ['POST', '/v1/admin/flags/1/clear'],
  ['POST', '/v1/admin/flags/1/confirm'],
  ['GET', '/v1/admin/audit-log'],
  ['GET', '/v1/admin/players/hidden'],
  ['GET', '/v1/admin/flush-failures'],
  ['POST', '/v1/admin/flush-failures/s1/bad/retry'],
  ['DELETE', '/v1/admin/flush-failures/s1/bad'],
];

describe('who', () => {
  it.each(ROUTES)('[HT3] %s %s needs a token, a valid one, and an admin', async (method, path) => {
    const ask = (headers: Record<string, string>) => fetch(edge.url + path, { method, headers });
    for (const headers of [
      {},
      { authorization: '' },
      { authorization: 'admin:root' },
      { authorization: 'Basic YWRtaW46cm9vdA==' },
      { authorization: 'Bearer' },
      { authorization: 'Bearer admin:root admin:root' },
      bearer('forged'),
    ]) {
      const response = await ask(headers);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      const body = await problem(response, 401, 'UNAUTHENTICATED');
      expect(JSON.stringify(body)).not.toContain('forged');
    }
    for (const role of ['player', 'server', 'viewer'])
      await problem(await ask(bearer(`${role}:x`)), 403, 'FORBIDDEN');
    expect(edge.calls).toEqual([]);
  });

  it('[HT3] a token in the address is not looked at', async () => {
    await problem(await fetch(`${edge.url}/v1/admin/boards?token=admin:root`), 401, 'UNAUTHENTICATED');
  });

  it('[HT3] a stranger is refused before the body is read', async () => {
    const head =
      'POST /v1/admin/boards HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n';
    const answer = await raw(edge.port, `${head}content-length: 100000\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('boards', () => {
  it('[HT4] POST creates a board with its defaults, once, in the name of the token', async () => {
    const response = await send('POST', '/v1/admin/boards', '{"id":"solo","title":"Solo"}');
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/v1/boards/solo');
    expect(storedBoardAnswer.parse(await response.json())).toMatchObject({
      id: 'solo',
      kind: 'match',
      operator: 'best',
    });
    expect(edge.calls).toEqual([['createBoard', 'solo', 'root']]);
    await problem(
      await send('POST', '/v1/admin/boards', '{"id":"solo","title":"Solo"}'),
      409,
      'BOARD_EXISTS',
    );
  });

  it('[HT4] GET lists boards; opening a season passes faults on', async () => {
    expect(await jsonOf(send('GET', '/v1/admin/boards'))).toMatchObject({ boards: [BOARD, { id: 'solo' }] });
    await problem(await send('POST', '/v1/admin/boards/arena/seasons'), 409, 'SEASON_ALREADY_OPEN');
    await problem(await send('POST', '/v1/admin/boards/none/seasons'), 404, 'BOARD_NOT_FOUND');
  });

  it.each([
    ['{', 'INVALID_JSON', 'body'],
    ['', 'INVALID_JSON', 'body'],
    ['{"id":"a","title":NaN}', 'INVALID_JSON', 'body'],
    ['\u0000', 'INVALID_JSON', 'body'],
    ['['.repeat(200_000), 'INVALID_JSON', 'body'],
    ['null', 'INVALID_REQUEST', 'body'],
    ['[]', 'INVALID_REQUEST', 'body'],
    ['"text"', 'INVALID_REQUEST', 'body'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'INVALID_REQUEST', 'body'],
    ['{}', 'INVALID_REQUEST', 'id'],
    ['{"id":"a b","title":"x"}', 'INVALID_REQUEST', 'id'],
    ['{"id":7,"title":"x"}', 'INVALID_REQUEST', 'id'],
    ['{"id":"a","title":""}', 'INVALID_REQUEST', 'title'],
    ['{"id":"a","title":"x","kind":"duel"}', 'INVALID_REQUEST', 'kind'],
    ['{"id":"a","title":"x","scoreMax":9007199254740992}', 'INVALID_REQUEST', 'scoreMax'],
    ['{"id":"a","title":"x","scoreMin":2,"scoreMax":1}', 'INVALID_REQUEST', 'scoreMin'],
    ['{"id":"a","title":"x","flush":{"intervalMs":1}}', 'INVALID_REQUEST', 'flush.intervalMs'],
    ['{"id":"a","title":"x","ticks":{"writers":["admin"]}}', 'INVALID_REQUEST', 'ticks.writers.0'],
    ['{"id":"a","title":"x","colour":"red"}', 'INVALID_REQUEST', 'colour'],
    ['{"id":"a","title":"x","__proto__":{"kind":"open"}}', 'INVALID_REQUEST', '__proto__'],
    [
      '{"id":"a","title":"x","prizes":{"bands":[{"from":2,"to":1,"amountMinor":1}]}}',
      'INVALID_REQUEST',
      'prizes.bands.0.to',
    ],
  ])('[HT5] the body %.60j is refused with %s, naming %s', async (body, code, field) => {
    const refused = await problem(await send('POST', '/v1/admin/boards', body), 400, code);
    expect(refused).toMatchObject({ field, limit: expect.any(String), fix: expect.any(String) });
    expect(edge.calls).toEqual([]);
  });

  it('[HT5] a body of another type, or of none, is refused', async () => {
    const body = '{"id":"a","title":"x"}';
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'json'])
      await problem(
        await send('POST', '/v1/admin/boards', body, { 'content-type': type }),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      );
    const blob = new Blob([body]);
    const untyped = await fetch(`${edge.url}/v1/admin/boards`, {
      method: 'POST',
      headers: ADMIN,
      body: blob,
    });
    await problem(untyped, 415, 'UNSUPPORTED_MEDIA_TYPE');
    const bodiless = await fetch(`${edge.url}/v1/admin/boards`, { method: 'POST', headers: ADMIN });
    await problem(bodiless, 400, 'INVALID_REQUEST');
  });

  it('[HT5] a body past the limit is refused, told in advance or counted while it comes', async () => {
    const large = JSON.stringify({ id: 'a', title: 'x'.repeat(BODY_BYTES_MAX) });
    const told = await problem(await send('POST', '/v1/admin/boards', large), 413, 'BODY_TOO_LARGE');
    expect(told).toMatchObject({ field: 'body', limit: `${BODY_BYTES_MAX} bytes` });
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        if (sent > 64 * 1_048_576) controller.close();
        else controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const counted = await fetch(`${edge.url}/v1/admin/boards`, {
      method: 'POST',
      headers: { ...ADMIN, ...JSON_TYPE },
      body: endless,
      duplex: 'half',
    } as RequestInit);
    await problem(counted, 413, 'BODY_TOO_LARGE');
    expect(sent).toBeLessThan(32 * 1_048_576);
  });

  it('[HT5] a chunked body within the limit is taken', async () => {
    const body = new Blob(['{"id":"chunked","title":"x"}']).stream();
    const response = await fetch(`${edge.url}/v1/admin/boards`, {
      method: 'POST',
      headers: { ...ADMIN, ...JSON_TYPE },
      body,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(201);
  });
});

describe('seasons', () => {
  it('[HT4] close takes an optional body', async () => {
    expect((await send('POST', '/v1/admin/seasons/s1/close')).status).toBe(200);
    expect((await send('POST', '/v1/admin/seasons/s1/close', '{}')).status).toBe(200);
    const response = await send('POST', '/v1/admin/seasons/s1/close', '{"now":true}');
    expect(await response.json()).toMatchObject({ id: 's1', state: 'closed' });
    expect(edge.calls).toEqual([
      ['close', 's1', 'root', { now: false }],
      ['close', 's1', 'root', { now: false }],
      ['close', 's1', 'root', { now: true }],
    ]);
  });

  it.each([
    ['{"now":"yes"}', 'now'],
    ['{"soon":true}', 'soon'],
    ['[]', 'body'],
  ])('[HT5] close refuses the body %s', async (body, field) => {
    const refused = await problem(
      await send('POST', '/v1/admin/seasons/s1/close', body),
      400,
      'INVALID_REQUEST',
    );
    expect(refused).toMatchObject({ field });
    expect(edge.calls).toEqual([]);
  });

  it('[HT4] flush commits what is dirty and answers the window', async () => {
    const response = await send('POST', '/v1/admin/seasons/s1/flush');
    expect(windowAnswer.parse(await response.json())).toMatchObject({ season: 's1' });
    expect(edge.calls).toEqual([['drain', 's1', 'admin']]);
    await problem(await send('POST', '/v1/admin/seasons/none/flush'), 404, 'SEASON_NOT_FOUND');
  });

  it('[HT4] a flush that does not complete is retryable, and logged', async () => {
    const failing = await serve({
      flusher: {
        drain: async () => {
          throw new Error('did not drain in time');
        },
      },
    });
    const response = await fetch(`${failing.url}/v1/admin/seasons/s1/flush`, {
      method: 'POST',
      headers: ADMIN,
    });
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await problem(response, 503, 'UNAVAILABLE')).toMatchObject({ retryable: true });
    expect(failing.logged).toHaveLength(1);
    await failing.stop();
  });

  it('[HT6] settling is PUT; with preview nothing is settled, whatever the method', async () => {
    const path = '/v1/admin/seasons/s1/settlement';
    const settled = settlementAnswer.parse(await (await send('PUT', path)).json());
    expect(settled).toMatchObject({ id: 'settlement-1', preview: false, amountMinor: 5_000 });
    for (const [method, query] of [
      ['PUT', '?preview'],
      ['PUT', '?preview=true'],
      ['GET', '?preview'],
    ] as const)
      expect(await (await send(method, path + query)).json()).toMatchObject({ preview: true });
    expect(await (await send('PUT', `${path}?preview=false`)).json()).toMatchObject({ preview: false });
    expect(edge.calls.map(([name]) => name)).toEqual(['settle', 'preview', 'preview', 'preview', 'settle']);
    await problem(await send('GET', path), 404, 'SETTLEMENT_NOT_FOUND');
    await problem(await send('PUT', `${path}?preview=yes`), 400, 'INVALID_REQUEST');
    await problem(await send('PUT', `${path}?previw`), 400, 'INVALID_REQUEST');
    await problem(await send('PUT', '/v1/admin/seasons/none/settlement'), 404, 'SEASON_NOT_FOUND');
  });
});

describe('matches', () => {
  it('[AB7] are read with their players, and given up in the name of the token', async () => {
    expect(await jsonOf(send('GET', '/v1/admin/matches/m1'))).toMatchObject({
      ...{ id: 'm1', endedAt: null, abandoned: false, limits: { timeoutMs: 60_000 } },
      players: [{ player: 'ada', final: null }],
    });
    await problem(await send('GET', '/v1/admin/matches/m2'), 404, 'MATCH_NOT_FOUND');
    expect(await jsonOf(send('POST', '/v1/admin/matches/m1/abandon'))).toMatchObject({ abandoned: true });
    expect(edge.calls).toEqual([['abandon', 'm1', 'root']]);
  });
});

describe('flags', () => {
  it('[FG4] are listed, cleared and confirmed in the name of the token', async () => {
    const at = '/v1/admin/flags';
    const listed = await jsonOf(send('GET', `${at}?board=arena&status=open&after=7&limit=5`));
    expect(listed).toMatchObject({ flags: [{ id: 1, player: 'ada', status: 'open', decidedBy: null }] });
    expect(await jsonOf(send('POST', `${at}/1/clear`))).toMatchObject({ id: 1, status: 'cleared' });
    expect(await jsonOf(send('POST', `${at}/1/confirm`))).toMatchObject({ id: 1, status: 'confirmed' });
    expect(edge.calls).toEqual([
      ['listFlags', { board: 'arena', status: 'open', after: 7, limit: 5 }],
      ['clearFlag', 1, 'root'],
      ['confirmFlag', 1, 'root'],
    ]);
    await problem(await send('POST', `${at}/2/confirm`), 404, 'NOT_FOUND');
    await problem(await send('POST', `${at}/x/confirm`), 400, 'INVALID_REQUEST');
    await problem(await send('GET', `${at}?status=odd`), 400, 'INVALID_REQUEST');
  });
});

describe('hidden players', () => {
  it('[HI7] are listed page by page, with where they are hidden', async () => {
    const at = '/v1/admin/players/hidden';
    expect(await jsonOf(send('GET', `${at}?board=arena&after=bob&limit=1`))).toEqual({
      players: [{ player: 'eve', everywhere: false, boards: ['arena'] }],
      next: 'eve',
    });
    expect(await jsonOf(send('GET', at))).toHaveProperty('players');
    expect(edge.calls).toEqual([
      ['listHidden', { board: 'arena', after: 'bob', limit: 1 }],
      ['listHidden', { after: '', limit: 100 }],
    ]);
    await problem(await send('GET', `${at}?limit=1001`), 400, 'INVALID_REQUEST');
    await problem(await send('GET', `${at}?player=eve`), 400, 'INVALID_REQUEST');
  });
});

describe('the audit log', () => {
  it('[HT16] is read newest first, by what was changed, by whom and how', async () => {
    const at = '/v1/admin/audit-log';
    const listed = await jsonOf(send('GET', `${at}?target=s1&by=root&action=season.close&before=10&limit=2`));
    expect(listed).toMatchObject({ records: [{ id: 9, by: 'root', target: 's1' }, { id: 8 }], next: 8 });
    expect(await jsonOf(send('GET', at))).not.toHaveProperty('next');
    expect(edge.calls).toEqual([
      ['listAudit', { target: 's1', by: 'root', action: 'season.close', before: 10, limit: 3 }],
      ['listAudit', { limit: 101 }],
    ]);
    await problem(await send('GET', `${at}?before=0`), 400, 'INVALID_REQUEST');
    await problem(await send('GET', `${at}?since=1`), 400, 'INVALID_REQUEST');
  });
});

describe('parked rows', () => {
  it('[FP4] are listed, tried again and given up in the name of the token', async () => {
    const at = '/v1/admin/flush-failures';
    const listed = await jsonOf(send('GET', `${at}?season=s1&limit=5`));
    const [bad] = (listed as { failures: object[] }).failures;
    expect(bad).toMatchObject({ season: 's1', player: 'bad', score: 30, sqlState: '23514', rev: 3 });
    expect(bad).not.toHaveProperty('record');
    expect(await jsonOf(send('POST', `${at}/s1/bad/retry`))).toEqual({ outcome: 'written', failure: bad });
    expect(await jsonOf(send('DELETE', `${at}/s1/bad`))).toEqual(bad);
    expect(edge.calls).toEqual([
      ['listFailures', { season: 's1', limit: 5 }],
      ['retryFailure', 's1', 'bad', 'root'],
      ['discardFailure', 's1', 'bad', 'root'],
    ]);
    await problem(await send('DELETE', `${at}/s1/good`), 404, 'NOT_FOUND');
    await problem(await send('GET', `${at}?limit=5000`), 400, 'INVALID_REQUEST');
  });
});
