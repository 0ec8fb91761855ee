/** Reads as clients ask for them: over the wire and over HTTP. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, must } from '../support/admin.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type Document, openWire, type Wire } from '../support/wire.ts';

let server: ServerProcess;
let wire: Wire;
beforeAll(async () => {
  server = await startServer();
  wire = await openWire(server.url, await server.token('server', 'host'));
});
afterAll(async () => {
  wire?.close();
  await server?.stop();
});

let seq = 1;

/** An open board with these scores, reached in this order. */
async function madeBoard(id: string, scores: Record<string, number>, rules: object = {}): Promise<string> {
  await must(server, 'POST', '/v1/admin/boards', {
    id,
    title: id,
    kind: 'open',
    operator: 'latest',
    ...rules,
  });
  for (const [player, score] of Object.entries(scores)) await tick(id, player, score);
  return (await must(server, 'GET', `/v1/boards/${id}/seasons`)).seasons[0].id;
}

const tick = (board: string, player: string, score: number) =>
  wire.ok({ type: 'tick', board, player, score, seq: seq++ });
const players = (answer: Document) => (answer.entries ?? []).map((entry) => entry.player);
const SCORES = { ann: 50, bob: 40, cy: 40, dee: 30, eve: 20 };

it('[RD10] every read has the same answer over the wire and over HTTP', async () => {
  await madeBoard('both', SCORES, { ranking: 'competition' });
  const first = await wire.ok({ type: 'top', board: 'both', limit: 2 });
  const pairs = [
    [{ type: 'top', limit: 2 }, '/top?limit=2'],
    [{ type: 'top', limit: 2, cursor: first['next'] }, `/top?limit=2&cursor=${first['next']}`],
    [{ type: 'range', scoreMin: 25, scoreMax: 40 }, '/range?scoreMin=25&scoreMax=40'],
    [{ type: 'around', player: 'cy', above: 1, below: 1 }, '/around/cy?above=1&below=1'],
    [{ type: 'rank', players: ['cy', 'nobody'] }, '/ranks?players=cy,nobody'],
  ] as const;
  for (const [request, path] of pairs) {
    const { type: _, id: __, ...overWire } = await wire.ok({ ...request, board: 'both' });
    expect(await must(server, 'GET', `/v1/boards/both${path}`)).toEqual(overWire);
  }
  expect((await wire.ok({ type: 'rank', board: 'both', players: ['cy', 'nobody'] })).entries).toEqual([
    { rank: 2, place: 3, player: 'cy', score: 40, achievedAt: expect.any(Number), percentile: 80 },
    { player: 'nobody', rank: null },
  ]);
});

it('[RD6] pages go on where they ended, though the entry there moved, or all moved past it', async () => {
  await madeBoard('moving', SCORES);
  const top = (of: object) => wire.ok({ type: 'top', board: 'moving', limit: 2, ...of });
  const first = await top({});
  expect(players(first)).toEqual(['ann', 'bob']);
  expect(first['previous']).toBeUndefined();
  await tick('moving', 'bob', 60);
  await tick('moving', 'eve', 55);
  const second = await top({ cursor: first['next'] });
  expect(players(second)).toEqual(['cy', 'dee']);
  expect(second['next']).toBeUndefined();
  const back = await top({ cursor: second['previous'] });
  expect(players(back)).toEqual(['eve', 'ann']);
  expect(players(await top({ cursor: back['previous'] }))).toEqual(['bob']);
});

it('[RD6] a cursor goes on in its season after the next one has begun', async () => {
  const season = await madeBoard('rolled', SCORES);
  const first = await wire.ok({ type: 'top', board: 'rolled', limit: 3 });
  await must(server, 'POST', `/v1/admin/seasons/${season}/close`, { now: true });
  await must(server, 'POST', '/v1/admin/boards/rolled/seasons', {});
  await tick('rolled', 'zed', 1);
  expect(players(await wire.ok({ type: 'top', board: 'rolled' }))).toEqual(['zed']);
  const second = await wire.ok({ type: 'top', board: 'rolled', cursor: first['next'] });
  expect([second.season, players(second)]).toEqual([season, ['dee', 'eve']]);
});

it('[RD7] a cursor of another season or board, and what is none, is refused by name', async () => {
  const season = await madeBoard('one', SCORES);
  await madeBoard('other', SCORES);
  const cursor = (await wire.ok({ type: 'top', board: 'one', limit: 1 }))['next'];
  const other = await wire.ok({ type: 'top', board: 'other', limit: 1 });
  expect(await wire.ask({ type: 'top', board: 'one', season, cursor: other['next'] })).toMatchObject({
    ...{ type: 'error', code: 'CURSOR_INVALID', field: 'cursor', retryable: false },
    message: expect.stringContaining(other.season ?? ''),
  });
  expect(await wire.ask({ type: 'top', board: 'other', cursor })).toMatchObject({
    ...{ code: 'CURSOR_INVALID', field: 'cursor' },
    message: expect.stringContaining('board'),
  });
  expect(await wire.ask({ type: 'range', board: 'one', cursor: 'abc' })).toMatchObject({
    code: 'CURSOR_INVALID',
  });
  expect(await wire.ask({ type: 'top', board: 'one', cursor: 'not base64' })).toMatchObject({
    ...{ code: 'CURSOR_INVALID', field: 'cursor' },
  });
  expect(await call(server, 'GET', '/v1/boards/one/top?cursor=abc')).toMatchObject({
    ...{ status: 400, body: { code: 'CURSOR_INVALID', field: 'cursor' } },
  });
});

it('[RD8] a range has both its ends, counts its entries and pages within them', async () => {
  await madeBoard('range', SCORES);
  const range = (of: object) => wire.ok({ type: 'range', board: 'range', ...of });
  const first = await range({ scoreMin: 20, scoreMax: 40, limit: 2 });
  expect([first['count'], first.total, players(first)]).toEqual([4, 5, ['bob', 'cy']]);
  expect(first.entries?.map((entry) => entry.rank)).toEqual([2, 3]);
  expect(first['previous']).toBeUndefined();
  const second = await range({ scoreMin: 20, scoreMax: 40, limit: 2, cursor: first['next'] });
  expect([players(second), second['next']]).toEqual([['dee', 'eve'], undefined]);
  expect(players(await range({ scoreMin: 41 }))).toEqual(['ann']);
  expect(players(await range({ scoreMax: 20 }))).toEqual(['eve']);
  expect(await range({ scoreMin: 21, scoreMax: 29 })).toMatchObject({ count: 0, entries: [] });
  expect(await wire.ask({ type: 'range', board: 'range', scoreMin: 2, scoreMax: 1 })).toMatchObject({
    ...{ code: 'INVALID_REQUEST', field: 'scoreMin' },
  });
  expect(await call(server, 'GET', '/v1/boards/range/range?scoreMin=2&scoreMax=1')).toMatchObject({
    ...{ status: 400, body: { field: 'scoreMin' } },
  });
});

it('[HT1] ranks of a settled season may be kept, and are asked about by ETag', async () => {
  const season = await madeBoard('kept', {}, { kind: 'match' });
  const path = `${server.url}/v1/boards/kept/top?season=${season}`;
  expect((await fetch(path)).headers.get('cache-control')).toBe('no-store');
  await must(server, 'POST', `/v1/admin/seasons/${season}/close`, { now: true });
  await must(server, 'PUT', `/v1/admin/seasons/${season}/settlement`);
  const first = await fetch(path);
  expect([first.status, first.headers.get('cache-control')]).toEqual([200, 'public, max-age=60']);
  const etag = first.headers.get('etag') ?? '';
  const again = await fetch(path, { headers: { 'if-none-match': etag } });
  expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
  expect((await fetch(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
});

it('[RD13] an ended season keeps the numbers of its ranks, although its board ranks otherwise later', async () => {
  const season = await madeBoard('restyled', SCORES, { ranking: 'competition' });
  const numbers = async () =>
    (await wire.ok({ type: 'top', board: 'restyled', season })).entries?.map(({ rank }) => rank);
  await must(server, 'POST', `/v1/admin/seasons/${season}/close`, { now: true });
  await must(server, 'PATCH', '/v1/admin/boards/restyled', { ranking: 'dense' });
  expect(await numbers()).toEqual([1, 2, 2, 4, 5]);
  await must(server, 'POST', '/v1/admin/boards/restyled/seasons', {});
  await tick('restyled', 'ann', 10);
  await tick('restyled', 'bob', 10);
  await tick('restyled', 'cy', 5);
  const next = await wire.ok({ type: 'top', board: 'restyled' });
  expect(next.entries?.map(({ rank }) => rank)).toEqual([1, 1, 2]);
  expect(await numbers()).toEqual([1, 2, 2, 4, 5]);
});
