/** Imports into past seasons, as an admin makes them. */
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must } from '../support/admin.ts';
import { snapshotRows } from '../support/agreement.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire } from '../support/wire.ts';

const ROWS = 100_000;

let server: ServerProcess;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server?.stop();
});

interface Event {
  type: string;
  line?: number;
  [field: string]: unknown;
}

const lines = (count: number, line: (i: number) => string): ReadableStream<Uint8Array> => {
  let next = 0;
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      const until = Math.min(count, next + 1_000);
      let text = '';
      for (; next < until; next++) text += `${line(next)}\n`;
      if (text !== '') controller.enqueue(encoder.encode(text));
      if (next === count) controller.close();
    },
  });
};

async function send(
  season: string,
  body: string | ReadableStream<Uint8Array>,
  type = 'application/x-ndjson',
  query = '',
) {
  const response = await fetch(`${server.url}/v1/admin/seasons/${season}/import${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token('admin', 'archivist')}`, 'content-type': type },
    body,
    duplex: 'half',
  } as RequestInit);
  const text = await response.text();
  const events = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
  return { status: response.status, events, last: events.at(-1) as Event };
}

async function pastSeason(board: string, rules: object = {}): Promise<string> {
  await must(server, 'POST', '/v1/admin/boards', { id: board, title: board, ...rules });
  const { id } = (await must(server, 'GET', `/v1/boards/${board}/seasons`)).seasons[0];
  await must(server, 'POST', `/v1/admin/seasons/${id}/close`, { now: true });
  return id;
}

const top = (board: string, season: string, limit = 10) =>
  must(server, 'GET', `/v1/boards/${board}/top?limit=${limit}&season=${season}`);

it('[IM1] rows are entries of the closed season at once, ranked in the total order, and no part of prizes', async () => {
  const prizes = { bands: [{ from: 1, to: 1, amountMinor: 100 }] };
  const season = await pastSeason('archive', { prizes });
  const { status, last } = await send(
    season,
    '{"player":"ann","score":5,"achievedAt":2000}\n{"player":"bob","score":9}\n\n{"player":"cy","score":5,"achievedAt":1000}',
  );
  expect(status).toBe(200);
  expect(last).toMatchObject({ type: 'done', lines: 4, imported: 3, unchanged: 0, refused: 0 });
  expect(await top('archive', season)).toMatchObject({
    source: 'snapshot',
    total: 3,
    entries: [
      { rank: 1, player: 'bob', score: 9 },
      { rank: 2, player: 'cy', score: 5, achievedAt: 1000 },
      { rank: 3, player: 'ann', score: 5, achievedAt: 2000 },
    ],
  });
  const preview = await must(server, 'GET', `/v1/admin/seasons/${season}/settlement?preview`);
  expect(preview).toMatchObject({ standings: 0, awards: [] });
});

it(`[IM2] ${ROWS} rows are streamed in; the same import again changes nothing`, async () => {
  const season = await pastSeason('large', { kind: 'open' });
  const body = () => lines(ROWS, (i) => `{"player":"p${i}","score":${i}}`);
  expect((await send(season, body())).last).toMatchObject({ type: 'done', lines: ROWS, imported: ROWS });
  const first = await top('large', season, 1_000);
  expect(first).toMatchObject({ total: ROWS, entries: { 0: { player: `p${ROWS - 1}`, rank: 1 } } });
  expect((await send(season, body())).last).toMatchObject({ imported: 0, unchanged: ROWS, refused: 0 });
  expect(await top('large', season, 1_000)).toEqual(first);
});

it('[IM3] every bad line is named with its field, limit and fix, and the lines around it are taken', async () => {
  const season = await pastSeason('strict', { scoreMin: 0, scoreMax: 100 });
  const { events, last } = await send(
    season,
    [
      '{"player":"ok1","score":1}',
      'not json',
      '{"player":"no spaces","score":1}',
      '{"player":"a","score":1.5}',
      '{"player":"b","score":101}',
      '{"player":"c","score":1,"achievedAt":-1}',
      '{"player":"d","score":1,"place":1}',
      '{"player":"ok2","score":2}',
    ].join('\n'),
  );
  expect(events.filter(({ type }) => type === 'refused').map(({ line, field }) => [line, field])).toEqual([
    [2, 'line'],
    [3, 'player'],
    [4, 'score'],
    [5, 'score'],
    [6, 'achievedAt'],
    [7, 'line'],
  ]);
  for (const event of events.slice(0, -1))
    expect(event).toMatchObject({ limit: expect.any(String), fix: expect.any(String) });
  expect(last).toMatchObject({ type: 'done', lines: 8, imported: 2, refused: 6, refusalsNamed: 6 });
  const many = await send(
    season,
    lines(3_000, () => 'x'),
  );
  expect(many.events).toHaveLength(1_001);
  expect(many.last).toMatchObject({ type: 'done', refused: 3_000, refusalsNamed: 1_000 });
});

it('[IM3] CSV with a header is read the same; a wrong header ends it', async () => {
  const season = await pastSeason('sheet');
  const csv = '\ufeffscore,player,achievedAt\r\n7,"ann",5000\r\n8,bob,\r\nx,cy,1\r\n';
  const { events } = await send(season, csv, 'text/csv; charset=utf-8');
  expect(events).toMatchObject([
    { type: 'refused', line: 4, field: 'score' },
    { type: 'done', imported: 2 },
  ]);
  expect(await snapshotRows(server.databaseUrl, season)).toMatchObject([
    { player: 'bob', score: 8 },
    { player: 'ann', score: 7, achievedAt: 5000 },
  ]);
  expect((await send(season, 'name,points\nann,7', 'text/csv')).last).toMatchObject({
    type: 'failed',
    field: 'header',
    fix: 'begin the CSV with: player,score,achievedAt',
  });
  expect((await send(season, 'x'.repeat(100_000))).last).toMatchObject({ type: 'failed', field: 'line' });
  expect((await send(season, 'a', 'application/json')).status).toBe(415);
});

it('[IM4] the first row of a player stands, and so does what was played', async () => {
  await must(server, 'POST', '/v1/admin/boards', { id: 'played', title: 'played', kind: 'open' });
  const season = (await must(server, 'GET', '/v1/boards/played/seasons')).seasons[0].id;
  const wire = await openWire(server.url, await server.token('server', 'host'));
  await wire.ok({ type: 'tick', board: 'played', player: 'ann', score: 50, seq: 1 });
  wire.close();
  await must(server, 'POST', `/v1/admin/seasons/${season}/close`);
  const rows = '{"player":"ann","score":60}\n{"player":"bob","score":1}\n{"player":"bob","score":2}';
  const { events } = await send(season, rows);
  expect(events).toMatchObject([
    { type: 'refused', line: 1, field: 'player', message: expect.stringContaining('score 50') },
    { type: 'refused', line: 3, field: 'player' },
    { type: 'done', imported: 1, refused: 2 },
  ]);
  expect((await top('played', season)).entries).toMatchObject([
    { player: 'ann', score: 50 },
    { player: 'bob', score: 1 },
  ]);
});

it('[IM5] a season that is still in Redis is forgotten there, so that no read shows it without the rows', async () => {
  await must(server, 'POST', '/v1/admin/boards', { id: 'warm', title: 'warm', kind: 'open' });
  const season = (await must(server, 'GET', '/v1/boards/warm/seasons')).seasons[0].id;
  const wire = await openWire(server.url, await server.token('server', 'host'));
  await wire.ok({ type: 'tick', board: 'warm', player: 'ann', score: 50, seq: 1 });
  wire.close();
  await must(server, 'POST', `/v1/admin/seasons/${season}/close`);
  expect(await top('warm', season)).toMatchObject({ source: 'live', total: 1 });
  expect((await send(season, '{"player":"bob","score":99}')).last).toMatchObject({ type: 'done' });
  expect(await top('warm', season)).toMatchObject({
    source: 'snapshot',
    entries: [{ player: 'bob' }, { player: 'ann' }],
  });
  const redis = new Redis(server.redisUrl);
  // A flusher may still hold its lease, as it does for half a minute of any season that was in memory: that ends by itself.
  const keys = await redis.keys(`pf:{warm:${season}}:*`);
  expect(keys.filter((key) => !/:(lease|crew)$/.test(key))).toEqual([]);
  redis.disconnect();
});

it('[IM6] a season that is open, settled or unknown takes no import, and the answer says what to do', async () => {
  await must(server, 'POST', '/v1/admin/boards', { id: 'now', title: 'now' });
  const open = (await must(server, 'GET', '/v1/boards/now/seasons')).seasons[0].id;
  const refused = await send(open, '{"player":"ann","score":1}');
  expect(refused).toMatchObject({ status: 400, last: { code: 'INVALID_REQUEST', field: 'season' } });
  const settled = await pastSeason('paid');
  await must(server, 'PUT', `/v1/admin/seasons/${settled}/settlement`);
  expect((await send(settled, '{"player":"ann","score":1}')).last).toMatchObject({
    fix: 'import before settling',
  });
  expect((await call(server, 'POST', '/v1/admin/seasons/none/import', {})).status).toBe(415);
  expect((await send('none', '{}')).status).toBe(404);
});

describe('corrections of a past season', () => {
  async function played(board: string, rules: object = {}): Promise<string> {
    await must(server, 'POST', '/v1/admin/boards', { id: board, title: board, ...rules });
    const host = await openWire(server.url, await server.token('server', 'host'));
    const target =
      'kind' in rules ? { board } : { match: (await host.ok({ type: 'match.start', board }))['match'] };
    for (const [player, score] of [
      ['ann', 50],
      ['bob', 40],
      ['cheat', 9_000],
    ])
      await host.ok({ type: 'tick', ...target, player, score, seq: 1 });
    if ('match' in target) await host.ok({ type: 'final', match: target.match, player: 'ann', score: 60 });
    host.close();
    const { id } = (await must(server, 'GET', `/v1/boards/${board}/seasons`)).seasons[0];
    await must(server, 'POST', `/v1/admin/seasons/${id}/close`, { now: true });
    return id;
  }

  it('[IM8] take the place of what was played, set what is missing, and are read at once', async () => {
    const season = await played('corrected', { kind: 'open' });
    const rows = [
      { player: 'cheat', score: 10, achievedAt: 7 },
      { player: 'dee', score: 45, achievedAt: 7 },
      { player: 'dee', score: 46, achievedAt: 7 },
      { player: 'bob', score: -1, achievedAt: 7 },
    ].map((row) => JSON.stringify(row));
    const path = `/v1/admin/seasons/${season}/import`;
    const correct = () => send(season, rows.join('\n'), 'application/x-ndjson', '?mode=replace');
    expect((await correct()).last).toMatchObject({ type: 'done', imported: 3, replaced: 2, refused: 0 });
    const shown = async () =>
      (await top('corrected', season)).entries.map(({ player, score }: Record<string, unknown>) => [
        player,
        score,
      ]);
    const right = [
      ['ann', 50],
      ['dee', 46],
      ['cheat', 10],
      ['bob', -1],
    ];
    expect(await shown()).toEqual(right);
    expect((await correct()).last).toMatchObject({ type: 'done', imported: 0, replaced: 0, refused: 0 });
    expect(await shown()).toEqual(right);
    expect((await call(server, 'POST', `${path}?mode=sideways`)).body).toMatchObject({ field: 'mode' });
  });

  it('[IM8] leave what finals say, and settled seasons, as they are', async () => {
    const season = await played('judged');
    const { events, last } = await send(
      season,
      '{"player":"ann","score":1}\n{"player":"bob","score":2}',
      'application/x-ndjson',
      '?mode=replace',
    );
    expect(last).toMatchObject({ type: 'done', imported: 1, replaced: 1, refused: 1 });
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'refused',
        line: 1,
        field: 'player',
        message: expect.stringContaining('finals'),
      }),
    );
    expect((await top('judged', season)).entries.at(0)).toMatchObject({ player: 'cheat' });
    await must(server, 'PUT', `/v1/admin/seasons/${season}/settlement`);
    const late = await send(season, '{"player":"bob","score":3}', 'application/x-ndjson', '?mode=replace');
    expect(late.status).toBe(400);
    expect(late.last).toMatchObject({ field: 'season', message: expect.stringContaining('settled') });
  });

  it('[IM9] are audited with the change, and a flush that was held up since the season was played does not undo them', async () => {
    const season = await played('fenced', { kind: 'open' });
    const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
    const [before] = await sql`select epoch from seasons where id = ${season}`;
    await send(
      season,
      '{"player":"cheat","score":1,"achievedAt":7}',
      'application/x-ndjson',
      '?mode=replace',
    );
    const [after] = await sql`select epoch from seasons where id = ${season}`;
    expect(Number(after?.['epoch'])).toBeGreaterThan(Number(before?.['epoch']));
    const audited =
      await sql`select by, action, detail from audit_log where target = ${season} and action = 'season.correct'`;
    expect(audited).toMatchObject([{ by: 'archivist', detail: { rows: 1, replaced: 1 } }]);
    await sql.end();
  });
});

it('[IM10] rows bring columns and metadata where the board has them, in a CSV as columns.ID', async () => {
  const rules = { sortOrder: 'asc', columns: [{ id: 'faults', sortOrder: 'asc' }], entryMetadata: {} };
  const season = await pastSeason('stages', rules);
  const at = 1_790_000_000_000;
  const rows = [
    { player: 'ann', score: 600, achievedAt: at, columns: { faults: 2 }, metadata: { car: 'r4' } },
    { player: 'bob', score: 600, achievedAt: at + 1, columns: { faults: 1 } },
    { player: 'cy', score: 600 },
    { player: 'dee', score: 600, columns: { faults: 'x' } },
    { player: 'eve', score: 600, columns: { faults: 1 }, metadata: [] },
  ];
  const body = rows.map((row) => JSON.stringify(row)).join('\n');
  const first = await send(season, body);
  expect(first.last).toMatchObject({ type: 'done', imported: 2, refused: 3 });
  expect(first.events.filter(({ type }) => type === 'refused')).toMatchObject([
    { line: 3, field: 'columns', fix: 'send columns with faults' },
    { line: 4, field: 'columns' },
    { line: 5, field: 'metadata' },
  ]);
  expect((await top('stages', season)).entries).toMatchObject([
    { player: 'bob', columns: { faults: 1 } },
    { player: 'ann', columns: { faults: 2 }, metadata: { car: 'r4' } },
  ]);
  expect((await send(season, body)).last).toMatchObject({ imported: 0, unchanged: 2 });
  const csv = `player,columns.faults,score,achievedAt\nfay,0,600,${at}\nann,3,600,${at}\n`;
  expect((await send(season, csv, 'text/csv')).last).toMatchObject({ imported: 1, refused: 1 });
  const header = (await send(season, 'player,score\nfay,600\n', 'text/csv')).events[0];
  expect(header).toMatchObject({
    type: 'failed',
    field: 'header',
    fix: expect.stringContaining('columns.faults'),
  });
  const corrected = `player,score,columns.faults,achievedAt\nann,600,0,${at - 1}\n`;
  expect((await send(season, corrected, 'text/csv', '?mode=replace')).last).toMatchObject({
    imported: 1,
    replaced: 1,
  });
  expect((await top('stages', season)).entries.map(({ player }: { player: string }) => player)).toEqual([
    'ann',
    'fay',
    'bob',
  ]);
});

it('[IM11] an NDJSON export is corrected and sent back as it is', async () => {
  const rules = { columns: [{ id: 'faults', sortOrder: 'asc' }], entryMetadata: {} };
  const season = await pastSeason('returned', rules);
  const at = 1_790_000_000_000;
  const rows = [
    { player: 'gus', score: 900, achievedAt: at, columns: { faults: 2 }, metadata: { car: 'r4' } },
    { player: 'hal', score: 700, achievedAt: at, columns: { faults: 0 } },
  ];
  await send(season, rows.map((row) => JSON.stringify(row)).join('\n'));
  await must(server, 'PUT', '/v1/players/gus', { name: 'Gus' });
  const response = await fetch(`${server.url}/v1/admin/seasons/${season}/export`, {
    headers: { authorization: `Bearer ${await server.token('admin', 'archivist')}` },
  });
  const exported = await response.text();
  expect(exported).toContain('"rank":1,"player":"gus","name":"Gus"');
  const replace = (body: string) => send(season, body, 'application/x-ndjson', '?mode=replace');
  expect((await replace(exported)).last).toMatchObject({
    type: 'done',
    imported: 0,
    unchanged: 2,
    refused: 0,
  });
  const corrected = exported.replace('"score":900', '"score":600');
  expect((await replace(corrected)).last).toMatchObject({ replaced: 1, unchanged: 1, refused: 0 });
  expect((await top('returned', season)).entries).toMatchObject([
    { player: 'hal', score: 700 },
    { player: 'gus', score: 600, columns: { faults: 2 }, metadata: { car: 'r4' } },
  ]);
});
