/** Names, from the one who gives them to everyone who reads ranks. */
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '../../support/admin.ts';
import { until } from '../../support/condition.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { openWire } from '../../support/wire.ts';

let one: ServerProcess;
let two: ServerProcess;

beforeAll(async () => {
  one = await startServer();
  two = await startServer({
    ...{ databaseUrl: one.databaseUrl, redisUrl: one.redisUrl, jwtSecret: one.jwtSecret },
    env: { PLAYERS_NAME_THEMSELVES: 'true' },
  });
  await must(one, 'POST', '/v1/admin/boards', { id: 'arena', title: 'Arena', kind: 'open' });
});
afterAll(async () => {
  await two?.stop();
  await one?.stop();
});

type Role = 'player' | 'server' | 'admin' | 'viewer';

async function name(of: {
  player: string;
  name: unknown;
  role?: Role;
  sub?: string;
  server?: ServerProcess;
}) {
  const { player, role = 'server', sub = 'host', server = one } = of;
  const response = await fetch(`${server.url}/v1/players/${player}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${await server.token(role, sub)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name: of.name }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('[PL1] a name is normalised, and one that hides or turns text is refused by name', async () => {
  expect((await name({ player: 'norm', name: '  Zoe\u0308 \u00a0 Q ' })).body).toMatchObject({
    name: 'Zo\u00eb Q',
  });
  for (const wrong of ['', ' ', 'a\u202eb', 'a\nb', '\u200b', 'x'.repeat(65), 'a\u0000', 7]) {
    const { status, body } = await name({ player: 'norm', name: wrong });
    expect({ wrong, status, field: body['field'] }).toEqual({ wrong, status: 400, field: 'name' });
  }
});

test('[PL2] servers and admins name players; players name themselves where the server lets them', async () => {
  const by = async (role: Role, sub: string, server = one) =>
    (await name({ player: 'own', name: `By ${role}`, role, sub, server })).status;
  expect(await by('server', 'host')).toBe(200);
  expect(await by('admin', 'root')).toBe(200);
  expect(await by('viewer', 'own')).toBe(403);
  expect(await by('player', 'own')).toBe(403);
  expect(await by('player', 'other', two)).toBe(403);
  expect(await by('player', 'own', two)).toBe(200);
  expect(
    (await name({ player: 'own', name: 'By player', role: 'player', sub: 'own', server: two })).status,
  ).toBe(200);
  const sql = postgres(one.databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const log =
      await sql`select by, detail from audit_log where action = 'player.name' and target = 'own' order by id`;
    expect(log.map((row) => [row['by'], row['detail']])).toEqual([
      ['host', { from: null, to: 'By server' }],
      ['root', { from: 'By server', to: 'By admin' }],
      ['own', { from: 'By admin', to: 'By player' }],
    ]);
  } finally {
    await sql.end();
  }
});

test('[PL3] reads, ranks and subscriptions carry names, and follow their change on every server', async () => {
  const host = await openWire(one.url, await one.token('server', 'host'));
  const viewer = await openWire(two.url, await two.token('viewer', 'v'));
  for (const [player, score] of [
    ['ada', 30],
    ['bob', 20],
  ] as const)
    await host.ok({ type: 'tick', board: 'arena', player, score });
  await name({ player: 'ada', name: 'Ada L.' });
  const top = await host.ok({ type: 'top', board: 'arena' });
  expect(top.entries?.map((entry) => [entry.player, (entry as { name?: string }).name])).toEqual([
    ['ada', 'Ada L.'],
    ['bob', undefined],
  ]);
  expect(await must(one, 'GET', '/v1/boards/arena/around/bob')).toMatchObject({
    entries: [{ name: 'Ada L.' }, {}],
  });
  expect((await must(one, 'GET', '/v1/boards/arena/ranks?players=bob,ada,eve')).entries).toMatchObject([
    { player: 'bob' },
    { player: 'ada', name: 'Ada L.' },
    { player: 'eve', rank: null },
  ]);

  expect(await viewer.ok({ type: 'subscribe', board: 'arena' })).toMatchObject({
    entries: [{ name: 'Ada L.' }, {}],
  });
  await name({ player: 'ada', name: null });
  await name({ player: 'bob', name: 'Bob' });
  await until('the subscriber is told', async () => {
    const news = viewer.pushes.filter(({ type }) => type === 'snapshot' || type === 'delta').at(-1);
    return JSON.stringify(news ?? '').includes('"name":"Bob"') && !JSON.stringify(news).includes('Ada L.');
  });
  host.close();
  viewer.close();
});

test('[PL2] a player is read by players, servers and admins', async () => {
  const read = async (player: string, role: Role) => {
    const response = await fetch(`${one.url}/v1/players/${player}`, {
      headers: { authorization: `Bearer ${await one.token(role, 'x')}` },
    });
    return [response.status, await response.json()];
  };
  expect(await read('bob', 'player')).toEqual([
    200,
    { player: 'bob', name: 'Bob', nameAt: expect.any(Number), createdAt: expect.any(Number) },
  ]);
  expect((await read('nobody', 'server'))[0]).toBe(404);
  // Ticks alone make no row of a player's own.
  const { season } = (await must(one, 'GET', '/v1/boards/arena/top')) as { season: string };
  const ticked = await openWire(one.url, await one.token('server', 'host'));
  await ticked.ok({ type: 'tick', board: 'arena', player: 'cleo', score: 10 });
  ticked.close();
  await must(one, 'POST', `/v1/admin/seasons/${season}/flush`);
  expect(await read('cleo', 'player')).toEqual([200, { player: 'cleo', createdAt: expect.any(Number) }]);
  expect((await read('bob', 'viewer'))[0]).toBe(403);
  expect((await fetch(`${one.url}/v1/players/bob`)).status).toBe(401);
});
