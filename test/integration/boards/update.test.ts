/** Boards that change while they are played: the rules follow on every server, and nothing is overwritten unseen. */
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, call, must } from '../../support/admin.ts';
import { until } from '../../support/condition.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { openWire } from '../../support/wire.ts';

let one: ServerProcess;
let two: ServerProcess;

beforeAll(async () => {
  one = await startServer();
  two = await startServer({
    ...{ databaseUrl: one.databaseUrl, redisUrl: one.redisUrl, jwtSecret: one.jwtSecret },
  });
});
afterAll(async () => {
  await two?.stop();
  await one?.stop();
});

const board = (id: string, rules: object = {}) =>
  must(one, 'POST', '/v1/admin/boards', { id, title: id, kind: 'open', ...rules });
const change = (id: string, patch: object, headers: Record<string, string> = {}, server = one) =>
  withHeaders(server, 'PATCH', `/v1/admin/boards/${id}`, { patch, headers });

async function withHeaders(
  server: ServerProcess,
  method: string,
  path: string,
  { patch, headers }: { patch?: object; headers: Record<string, string> },
) {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${await server.token('admin', 'test-admin')}`,
      ...(patch ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(patch ? { body: JSON.stringify(patch) } : {}),
  });
  return {
    ...{ status: response.status, etag: response.headers.get('etag') },
    body: (await response.json()) as Answer['body'],
  };
}

async function audited(target: string): Promise<{ by: string; action: string; detail: object }[]> {
  const sql = postgres(one.databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    return await sql`select by, action, detail from audit_log where target = ${target} order by id`;
  } finally {
    await sql.end();
  }
}

describe('an update', () => {
  test('[BO11] is a merge patch, under its own media type too', async () => {
    await board('merge');
    const headers = { 'content-type': 'application/merge-patch+json' };
    const named = await change('merge', { title: 'Merged', scale: 2 }, headers);
    expect(named).toMatchObject({ status: 200, body: { title: 'Merged', scale: 2 } });
    expect(await change('merge', { scale: null }, headers)).toMatchObject({ body: { scale: 0 } });
    expect(await change('merge', {}, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  });

  test('[BO1] holds at once on this server and soon on the others, for a season that is being played', async () => {
    await board('bounds', { scoreMax: 100 });
    const wires = await Promise.all(
      [one, two].map(async (server) => openWire(server.url, await server.token('server', 'host'))),
    );
    const tick = (score: number) => ({ type: 'tick', board: 'bounds', player: 'ada', score });
    for (const wire of wires) {
      await wire.ok(tick(50));
      expect(await wire.ask(tick(500))).toMatchObject({ code: 'SCORE_OUT_OF_RANGE' });
    }
    const changed = await change('bounds', { scoreMax: 1_000, title: 'Wider' });
    expect(changed).toMatchObject({
      status: 200,
      etag: '"2"',
      body: { version: 2, scoreMax: 1_000, scoreMin: expect.any(Number) },
    });
    expect(await wires[0]?.ask(tick(500))).toMatchObject({ type: 'ok', score: 500 });
    await until('the other server follows', async () => (await wires[1]?.ask(tick(600)))?.type === 'ok');
    for (const wire of wires) wire.close();
  });

  test('[BO1] of the tick rate counts from the next tick on', async () => {
    await board('rate', { ticks: { maxPerSecond: 1 } });
    const wire = await openWire(one.url, await one.token('server', 'host'));
    const tick = (score: number) => wire.ask({ type: 'tick', board: 'rate', player: 'ada', score });
    await tick(1);
    expect(await tick(2)).toMatchObject({ code: 'RATE_LIMITED' });
    expect((await change('rate', { ticks: { maxPerSecond: 1_000 } })).body.ticks).toMatchObject({
      maxPerSecond: 1_000,
      writers: ['player', 'server'],
    });
    for (const score of [3, 4, 5]) expect(await tick(score)).toMatchObject({ type: 'ok' });
    wire.close();
  });

  test('[BO2] names what it refuses, with the reason, and changes nothing of it', async () => {
    await board('fixed');
    const { status, body } = await change('fixed', {
      operator: 'sum',
      sortOrder: 'asc',
      kind: 'match',
      title: 'New',
    });
    expect(status).toBe(400);
    for (const name of ['operator', 'sortOrder', 'kind'])
      expect(body.message).toContain(`${name}: cannot change`);
    expect(body.field).toBe('kind, sortOrder, operator');
    expect(await must(one, 'GET', '/v1/admin/boards/fixed')).toMatchObject({ version: 1, title: 'fixed' });
    const same = await change('fixed', { operator: 'best', title: 'Same operator' });
    expect(same.body).toMatchObject({ version: 2, operator: 'best', title: 'Same operator' });
    for (const [patch, named] of [
      [{ scoreMin: 5, scoreMax: 1 }, 'scoreMin'],
      [{ flush: { dirtyLimit: 10 } }, 'dirtyBackground'],
      [{ colour: 'red' }, 'colour'],
      [{ title: null }, 'title'],
      [{ prizes: { bands: [{ from: 1, to: 1, amountMinor: 5 }] } }, 'prizes'],
    ] as const)
      expect(await change('fixed', patch)).toMatchObject({
        status: 400,
        body: { code: 'INVALID_REQUEST', message: expect.stringContaining(named) },
      });
    expect((await change('nowhere', { title: 'x' })).body.code).toBe('BOARD_NOT_FOUND');
  });

  test('[BO2] to an ack that this Redis cannot give is refused', async () => {
    await board('acks');
    const { status, body } = await change('acks', { ticks: { ack: 'replica' } });
    expect({ status, field: body.field }).toEqual({ status: 400, field: 'ticks.ack' });
    expect(await must(one, 'GET', '/v1/boards/acks')).toMatchObject({ ticks: { ack: 'cache' } });
  });

  test('[BO3] from a version that is over is refused, and says so', async () => {
    await board('shared');
    expect((await change('shared', { title: 'A' }, { 'if-match': '"1"' })).status).toBe(200);
    const late = await change('shared', { title: 'B' }, { 'if-match': '"1"' });
    expect(late).toMatchObject({ status: 412, body: { code: 'BOARD_CHANGED', limit: 'version 2' } });
    expect((await change('shared', { title: 'B' }, { 'if-match': '1' })).status).toBe(400);
    expect((await change('shared', { title: 'B' }, { 'if-match': '*' })).body.version).toBe(3);
  });

  test('[BO3] at the same time as others loses none of them', async () => {
    await board('busy');
    const names = ['a', 'b', 'c', 'd'];
    const answers = await Promise.all(
      names.map((name, i) => change('busy', { metadata: { [name]: name } }, {}, i % 2 ? one : two)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await must(one, 'GET', '/v1/admin/boards/busy')).toMatchObject({
      version: 5,
      metadata: { a: 'a', b: 'b', c: 'c', d: 'd' },
    });
  });

  test('[BO4] is in the audit log with what was and what is; one that changes nothing is not', async () => {
    await board('told', { metadata: { old: 'x' } });
    await change('told', { scoreMax: 10, flush: { intervalMs: 100 }, metadata: { old: null, new: 'y' } });
    await change('told', { scoreMax: 10 });
    const log = await audited('told');
    expect(log.map(({ action, by }) => [action, by])).toEqual([
      ['board.create', 'test-admin'],
      ['board.update', 'test-admin'],
    ]);
    expect(log[1]?.detail).toEqual({
      version: 2,
      changed: {
        scoreMax: { from: Number.MAX_SAFE_INTEGER, to: 10 },
        'flush.intervalMs': { from: 2_000, to: 100 },
        'metadata.old': { from: 'x' },
        'metadata.new': { to: 'y' },
      },
    });
  });
});

describe('an archived board', () => {
  test('[BO5] is made of one whose season is closed only, takes nothing new, and is read as before', async () => {
    await board('old');
    const wire = await openWire(one.url, await one.token('server', 'host'));
    await wire.ok({ type: 'tick', board: 'old', player: 'ada', score: 5 });
    const refused = await call(one, 'POST', '/v1/admin/boards/old/archive');
    expect(refused).toMatchObject({ status: 409, body: { code: 'SEASON_ALREADY_OPEN', field: 'board' } });
    const [season] = (await must(one, 'GET', '/v1/boards/old/seasons')).seasons;
    await must(one, 'POST', `/v1/admin/seasons/${season.id}/close`, { now: true });
    expect(await must(one, 'POST', '/v1/admin/boards/old/archive')).toMatchObject({
      archivedAt: expect.any(Number),
    });
    expect((await must(one, 'POST', '/v1/admin/boards/old/archive')).version).toBe(2);

    expect((await call(two, 'POST', '/v1/admin/boards/old/seasons')).body.code).toBe('BOARD_ARCHIVED');
    expect(await wire.ask({ type: 'tick', board: 'old', player: 'ada', score: 9 })).toMatchObject({
      code: 'SEASON_NOT_OPEN',
    });
    expect(await wire.ok({ type: 'top', board: 'old' })).toMatchObject({
      entries: [{ player: 'ada', score: 5 }],
    });
    const listed = async (query: string) =>
      (await must(one, 'GET', `/v1/boards?limit=1000${query}`)).boards.map(({ id }: { id: string }) => id);
    expect(await listed('')).not.toContain('old');
    expect(await listed('&archived=true')).toEqual(['old']);
    expect(await listed('&archived=all')).toContain('old');

    expect((await must(one, 'POST', '/v1/admin/boards/old/unarchive')).archivedAt).toBeUndefined();
    await must(two, 'POST', '/v1/admin/boards/old/seasons');
    expect((await audited('old')).map(({ action }) => action)).toEqual([
      'board.create',
      'board.archive',
      'board.unarchive',
    ]);
    wire.close();
  });
});

test('[BO6] boards are listed by pages, each once', async () => {
  for (const id of ['page-a', 'page-b', 'page-c']) await board(id);
  const seen: string[] = [];
  let cursor = '';
  do {
    const page = await must(one, 'GET', `/v1/admin/boards?limit=2${cursor}`);
    seen.push(...page.boards.map(({ id }: { id: string }) => id));
    cursor = page.next === undefined ? '' : `&cursor=${page.next}`;
  } while (cursor !== '' && seen.length < 1_000);
  const whole = (await must(one, 'GET', '/v1/admin/boards?limit=1000')).boards;
  expect(seen).toEqual(whole.map(({ id }: { id: string }) => id));
  expect(seen).toEqual([...seen].sort());
});
