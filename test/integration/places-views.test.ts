/** Views `around` and `players` as clients see them. */
import { Client } from '@photofinish/shared/client/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { must } from '../support/admin.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire, type Wire } from '../support/wire.ts';

const BOARD = 'followed';
let server: ServerProcess;
let host: Wire;
let ann: Wire;

const tick = (player: string, score: number) => host.ok({ type: 'tick', board: BOARD, player, score });
const players = (entries: Record<string, unknown>[] | undefined) => entries?.map((entry) => entry['player']);

beforeAll(async () => {
  server = await startServer();
  host = await openWire(server.url, await server.token('server', 'host'));
  ann = await openWire(server.url, await server.token('player', 'ann'));
  await must(server, 'POST', '/v1/admin/boards', {
    ...{ id: BOARD, title: BOARD, kind: 'open', operator: 'latest', ranking: 'competition' },
  });
  for (const [i, player] of ['a', 'b', 'c', 'd', 'e'].entries()) await tick(player, 10 * (i + 1));
});

afterAll(async () => {
  host?.close();
  ann?.close();
  await server?.stop();
});

it('[SU10] a player follows its own place from before its first score, as around and rank answer it', async () => {
  const first = await ann.ok({ type: 'subscribe', board: BOARD, view: 'around', above: 1, below: 1 });
  expect(first).toMatchObject({ total: 5, entries: [], source: 'live' });
  await tick('ann', 30);
  const told = (score: number) =>
    ann.pushes.find(
      (push) =>
        push['subscription'] === first['subscription'] &&
        JSON.stringify(push).includes(`"ann","score":${score},`),
    ) as { type: string; entries: Record<string, unknown>[] } | undefined;
  await until('the first place', () => told(30) !== undefined);
  expect(told(30)).toMatchObject({ type: 'places', total: 6 });
  expect(players(told(30)?.entries)).toEqual(['c', 'ann', 'b']);
  expect(told(30)?.entries[1]).toMatchObject({ rank: 3, place: 4 });
  await tick('ann', 60);
  await until('the next place', () => told(60) !== undefined);
  const read = await ann.ok({ type: 'around', board: BOARD, above: 1, below: 1 });
  expect(told(60)?.entries).toEqual(read.entries);
  await ann.ok({ type: 'unsubscribe', subscription: first['subscription'] });
});

it('[SU10] friends are followed in the order asked; hidden ones as rank answers them', async () => {
  const friends = ['e', 'nobody', 'b'];
  const first = await ann.ok({ type: 'subscribe', board: BOARD, view: 'players', players: friends });
  const asked = await ann.ok({ type: 'rank', board: BOARD, players: friends });
  expect(first.entries).toEqual(asked.entries);
  const seenByHost = await host.ok({ type: 'subscribe', board: BOARD, view: 'players', players: friends });
  await must(server, 'POST', '/v1/admin/players/hide', { players: ['e'], board: BOARD });
  const last = (wire: Wire, subscription: unknown) =>
    wire.pushes.filter((push) => push['subscription'] === subscription).at(-1) as
      | { entries: Record<string, unknown>[] }
      | undefined;
  await until(
    'the hidden one is told',
    () => last(ann, first['subscription'])?.entries[0]?.['rank'] === null,
  );
  await until('the host too', () => last(host, seenByHost['subscription'])?.entries[0]?.['rank'] === null);
  expect(last(ann, first['subscription'])?.entries[0]).toEqual({ player: 'e', rank: null });
  expect(last(host, seenByHost['subscription'])?.entries[0]).toMatchObject({ hidden: true, score: 50 });
});

it('[SU10] what a view does not take is refused by name', async () => {
  const refusal = async (more: object) => {
    const { code, field, fix } = await ann.ask({ type: 'subscribe', board: BOARD, ...more });
    return { code, field, fix };
  };
  expect(await refusal({ view: 'around', players: ['a'] })).toMatchObject({ field: 'players' });
  expect(await refusal({ view: 'top', player: 'a' })).toMatchObject({ field: 'player' });
  expect(await refusal({ view: 'players', bucket: '1' })).toMatchObject({ field: 'bucket' });
  expect(await refusal({ view: 'around', season: 's' })).toMatchObject({ code: 'INVALID_REQUEST' });
  expect(await host.ask({ type: 'subscribe', board: BOARD, view: 'around' })).toMatchObject({
    ...{ code: 'INVALID_REQUEST', field: 'player', fix: 'send player' },
  });
});

it('[SU10] the SDK keeps both views over a reconnect', async () => {
  const sockets: WebSocket[] = [];
  const client = new Client({
    url: `${server.url.replace('http', 'ws')}/v1/ws`,
    token: await server.token('player', 'ann'),
    openSocket: (url, protocols) => {
      const socket = new WebSocket(url, protocols);
      sockets.push(socket);
      return socket;
    },
  });
  const near = client.subscribeAround({ board: BOARD, above: 0, below: 0 }, { view: () => {} });
  const own = client.subscribePlayers({ board: BOARD }, { view: () => {} });
  await until('both views', () => near.view !== undefined && own.view !== undefined);
  sockets[0]?.terminate();
  await tick('ann', 70);
  for (const { name, of } of [
    { name: 'around', of: near },
    { name: 'players', of: own },
  ])
    await until(`the new score in view ${name}`, () =>
      JSON.stringify(of.view?.entries).includes('"score":70'),
    );
  expect(players(near.view?.entries as never)).toEqual(['ann']);
  client.close();
});
