/** Who may read and write a board. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, must } from '../../support/admin.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { openWire } from '../../support/wire.ts';

let server: ServerProcess;

beforeAll(async () => {
  server = await startServer();
  const secret = { id: 'secret', title: 'Secret', kind: 'open', visibility: 'private' };
  await must(server, 'POST', '/v1/admin/boards', secret);
  const host = await openWire(server.url, await server.token('server', 'host'));
  await host.ok({ type: 'tick', board: 'secret', player: 'ada', score: 5 });
  host.close();
});
afterAll(() => server?.stop());

type Role = 'player' | 'server' | 'admin' | 'viewer';

async function get(path: string, role?: Role) {
  const headers: Record<string, string> = role
    ? { authorization: `Bearer ${await server.token(role, 'someone')}` }
    : {};
  const response = await fetch(server.url + path, { headers });
  const body = (await response.json()) as { code?: string; boards: { id: string }[] };
  return { status: response.status, body };
}

describe('a private board', () => {
  test('[BO10] is read over HTTP with the token of a player, server or admin only', async () => {
    const [season] = (await must(server, 'GET', '/v1/boards/secret/seasons')).seasons;
    for (const path of [
      '/v1/boards/secret',
      '/v1/boards/secret/top',
      '/v1/boards/secret/seasons',
      '/v1/boards/secret/around/ada',
      '/v1/boards/secret/ranks?players=ada',
      `/v1/seasons/${season.id}`,
      `/v1/seasons/${season.id}/window`,
      `/v1/seasons/${season.id}/durability`,
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 401]);
      expect([path, (await get(path, 'viewer')).status]).toEqual([path, 403]);
      for (const role of ['player', 'server', 'admin'] as const)
        expect([path, (await get(path, role)).status]).toEqual([path, 200]);
    }
    expect((await get('/v1/boards/nowhere/top')).body.code).toBe('BOARD_NOT_FOUND');
  });

  test('[BO10] is listed to those who may read it', async () => {
    const listed = async (role?: Role) => (await get('/v1/boards', role)).body.boards.map(({ id }) => id);
    expect(await listed()).toEqual([]);
    expect(await listed('viewer')).toEqual([]);
    expect(await listed('player')).toEqual(['secret']);
  });

  test('[BO10] is neither read nor subscribed to by a viewer on the wire', async () => {
    const viewer = await openWire(server.url, await server.token('viewer', 'someone'));
    const player = await openWire(server.url, await server.token('player', 'ada'));
    for (const request of [
      { type: 'top', board: 'secret' },
      { type: 'around', board: 'secret', player: 'ada' },
      { type: 'rank', board: 'secret', players: ['ada'] },
      { type: 'subscribe', board: 'secret' },
    ]) {
      expect(await viewer.ask(request)).toMatchObject({ type: 'error', code: 'FORBIDDEN', field: 'board' });
      expect((await player.ask(request)).type).toBe('ok');
    }
    await must(server, 'PATCH', '/v1/admin/boards/secret', { visibility: 'public' });
    expect((await viewer.ask({ type: 'top', board: 'secret' })).type).toBe('ok');
    await must(server, 'PATCH', '/v1/admin/boards/secret', { visibility: 'private' });
    expect((await viewer.ask({ type: 'top', board: 'secret' })).code).toBe('FORBIDDEN');
    viewer.close();
    player.close();
  });
});

test('[BO9] an authoritative board takes scores from servers only, and refuses writers that say otherwise', async () => {
  const rules = { id: 'truth', title: 'Truth', kind: 'open', authoritative: true };
  expect(await must(server, 'POST', '/v1/admin/boards', rules)).toMatchObject({
    ticks: { writers: ['server'] },
    finals: { writers: ['server'] },
  });
  const wires = await Promise.all(
    (['player', 'server'] as const).map(async (role) =>
      openWire(server.url, await server.token(role, role === 'player' ? 'ada' : 'host')),
    ),
  );
  const [player, host] = wires;
  const tick = { type: 'tick', board: 'truth', player: 'ada', score: 5 };
  expect(await player?.ask(tick)).toMatchObject({ code: 'FORBIDDEN' });
  expect(await host?.ask(tick)).toMatchObject({ type: 'ok', score: 5 });
  for (const wire of wires) wire.close();

  const both = { ...rules, id: 'both', ticks: { writers: ['player'] }, finals: { writers: ['player'] } };
  const made = await call(server, 'POST', '/v1/admin/boards', both);
  expect(made.body.message).toContain('ticks.writers');
  expect(made.body.message).toContain('finals.writers');
  const changed = await call(server, 'PATCH', '/v1/admin/boards/truth', { ticks: { writers: ['player'] } });
  expect(changed).toMatchObject({ status: 400, body: { field: 'ticks.writers' } });
});
