/** What is kept of a player, told to an admin; and hiding over HTTP. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, must } from '../../support/admin.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { openWire, type Wire } from '../../support/wire.ts';

let server: ServerProcess;
let host: Wire;

beforeAll(async () => {
  server = await startServer();
  host = await openWire(server.url, await server.token('server', 'host'));
  await must(server, 'POST', '/v1/admin/boards', { id: 'arena', title: 'Arena' });
  const free = { id: 'free', title: 'Free', kind: 'open', flush: { intervalMs: 600_000 } };
  await must(server, 'POST', '/v1/admin/boards', free);
});
afterAll(async () => {
  host?.close();
  await server?.stop();
});

test('[PL8] the export of a player names every row about them, what no flush has written yet included, and nobody else', async () => {
  const { match } = await host.ok({ type: 'match.start', board: 'arena' });
  await host.ok({
    ...{ type: 'match.end', match },
    finals: ['ada', 'bob'].map((player) => ({ player, score: 10 })),
  });
  for (const player of ['ada', 'bob']) await host.ok({ type: 'tick', board: 'free', player, score: 5 });
  await must(server, 'POST', '/v1/admin/players/hide', { players: ['ada'] });

  const response = await fetch(`${server.url}/v1/admin/players/ada/export`, {
    headers: { authorization: `Bearer ${await server.token('admin', 'root')}` },
  });
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="player-ada.json"');
  const text = await response.text();
  expect(text).not.toContain('bob');
  const { player, exportedAt, tables } = JSON.parse(text);
  expect({ player, exportedAt }).toEqual({ player: 'ada', exportedAt: expect.any(Number) });
  expect(tables.players).toMatchObject([{ id: 'ada', hidden: true }]);
  expect(tables.final_scores).toMatchObject([{ match, player: 'ada', score: 10 }]);
  expect(tables.standings).toMatchObject([{ player: 'ada', score: 10 }]);
  expect(tables.snapshot_entries.map(({ score }: { score: number }) => score).sort()).toEqual([10, 5]);
  expect(tables.audit_log).toMatchObject([{ action: 'player.hide', target: 'ada', by: 'test-admin' }]);
  expect((await call(server, 'GET', '/v1/admin/players/nobody/export')).body.code).toBe('PLAYER_NOT_FOUND');
});

test('[PL9] an admin hides and shows players on one board or on all, and ranks follow at once', async () => {
  const ranks = async (board: string) =>
    (await must(server, 'GET', `/v1/boards/${board}/top`)).entries.map(
      ({ player }: { player: string }) => player,
    );
  await must(server, 'POST', '/v1/admin/players/unhide', { players: ['ada'] });
  expect(await ranks('free')).toEqual(['ada', 'bob']);
  const hidden = await must(server, 'POST', '/v1/admin/players/hide', { players: ['ada'], board: 'free' });
  expect(hidden).toEqual({ changed: 1, live: 'applied' });
  expect(await ranks('free')).toEqual(['bob']);
  expect(await ranks('arena')).toEqual(['ada', 'bob']);
  expect(
    (await must(server, 'POST', '/v1/admin/players/hide', { players: ['ada'], board: 'free' })).changed,
  ).toBe(0);
  await must(server, 'POST', '/v1/admin/players/unhide', { players: ['ada'], board: 'free' });
  expect(await ranks('free')).toEqual(['ada', 'bob']);
  expect(
    await call(server, 'POST', '/v1/admin/players/hide', { players: ['ada'], board: 'nowhere' }),
  ).toMatchObject({
    status: 404,
    body: { code: 'BOARD_NOT_FOUND' },
  });
  expect((await call(server, 'POST', '/v1/admin/players/hide', { players: [] })).status).toBe(400);
});
