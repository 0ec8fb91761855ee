/** Buckets as clients see them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire, type Wire } from '../support/wire.ts';

const BOARD = 'arenas';
const PLAIN = 'plain';
let server: ServerProcess;
let wire: Wire;

beforeAll(async () => {
  server = await startServer();
  wire = await openWire(server.url, await server.token('server', 'host'));
  const rules = { title: BOARD, kind: 'open', operator: 'latest' };
  await must(server, 'POST', '/v1/admin/boards', { ...rules, id: PLAIN });
  await must(server, 'POST', '/v1/admin/boards', { ...rules, id: BOARD, buckets: { size: 2 } });
  for (const [i, player] of ['a', 'b', 'c', 'd', 'e'].entries())
    await wire.ok({ type: 'tick', board: BOARD, player, score: i + 1 });
});

afterAll(async () => {
  wire?.close();
  await server?.stop();
});

it('[SP2, SP5] a write tells the bucket and the rank there, beside the rank on the board', async () => {
  expect(await wire.ok({ type: 'tick', board: BOARD, player: 'a', score: 1 })).toMatchObject({
    ...{ rank: 5, bucket: '1', bucketRank: 2 },
  });
});

it('[SP5, RD7] top and its pages are of one bucket where it is named, and of the board where it is not', async () => {
  const top = await wire.ok({ type: 'top', board: BOARD, bucket: '1', limit: 1 });
  expect(top).toMatchObject({ bucket: '1', total: 2, entries: [{ rank: 1, player: 'b' }] });
  const next = await wire.ok({ type: 'top', board: BOARD, bucket: '1', cursor: top['next'] });
  const { id: _, ...unnamed } = await wire.ok({ type: 'top', board: BOARD, cursor: top['next'] });
  expect(unnamed).toMatchObject({ bucket: '1', entries: next.entries });
  expect(await wire.ask({ type: 'top', board: BOARD, bucket: '2', cursor: top['next'] })).toMatchObject({
    ...{ code: 'CURSOR_INVALID', field: 'cursor' },
  });
  expect(next.entries).toMatchObject([{ rank: 2, player: 'a' }]);
  const all = await wire.ok({ type: 'top', board: BOARD });
  expect(all.total).toBe(5);
  expect(all).not.toHaveProperty('bucket');
  expect(await must(server, 'GET', `/v1/boards/${BOARD}/top?bucket=3`)).toMatchObject({
    ...{ bucket: '3', total: 1, entries: [{ rank: 1, player: 'e' }] },
  });
  expect(await wire.ok({ type: 'top', board: BOARD, bucket: '99' })).toMatchObject({ total: 0, entries: [] });
});

it('[SP5] around is of the own bucket unless all is asked for, and rank tells both', async () => {
  const around = await wire.ok({ type: 'around', board: BOARD, player: 'c' });
  expect(around).toMatchObject({ bucket: '2', total: 2 });
  expect(around.entries?.map((entry) => entry['player'])).toEqual(['d', 'c']);
  const all = await wire.ok({ type: 'around', board: BOARD, player: 'c', bucket: 'all', above: 1, below: 1 });
  expect(all.entries?.map((entry) => entry['player'])).toEqual(['d', 'c', 'b']);
  const ranks = await wire.ok({ type: 'rank', board: BOARD, players: ['c', 'e', 'nobody'] });
  expect(ranks.entries).toMatchObject([
    { rank: 3, bucket: '2', bucketRank: 2 },
    { rank: 1, bucket: '3', bucketRank: 1 },
    { rank: null },
  ]);
});

it('[SP5] a subscription follows one bucket', async () => {
  const first = await wire.ok({ type: 'subscribe', board: BOARD, bucket: '1' });
  expect(first.entries?.map((entry) => entry['player'])).toEqual(['b', 'a']);
  const whole = await wire.ok({ type: 'subscribe', board: BOARD });
  expect(whole.total).toBe(5);
  await wire.ok({ type: 'tick', board: BOARD, player: 'a', score: 50 });
  await until('the bucket is told', () =>
    wire.pushes.some(
      (push) => push['subscription'] === first['subscription'] && JSON.stringify(push).includes('"score":50'),
    ),
  );
});

it('[SP5] a bucket on a board without buckets is refused by name', async () => {
  expect(await wire.ask({ type: 'top', board: PLAIN, bucket: '1' })).toMatchObject({
    ...{ type: 'error', code: 'INVALID_REQUEST', field: 'bucket' },
  });
  expect(await wire.ask({ type: 'top', board: BOARD, bucket: 'x y' })).toMatchObject({ type: 'error' });
});

it('[SP5] buckets and ranks in them are the same before and after the settlement', async () => {
  const board = 'cups';
  await must(server, 'POST', '/v1/admin/boards', { id: board, title: board, buckets: { size: 2 } });
  const { match, season } = await wire.ok({ type: 'match.start', board });
  const finals = ['a', 'b', 'c', 'd'].map((player, i) => ({ player, score: i + 1 }));
  await wire.ok({ type: 'match.end', match, finals });
  const read = async () => {
    const ranks = await wire.ok({ type: 'rank', board, season, players: ['d', 'a', 'nobody'] });
    const { bucket, entries } = await wire.ok({ type: 'around', board, season, player: 'a' });
    return { ranks: ranks.entries, around: { bucket, entries } };
  };
  const before = await read();
  expect(before.ranks?.[1]).toMatchObject({ rank: 4, bucket: '1', bucketRank: 2 });
  expect(before.around.bucket).toBe('1');
  await must(server, 'PUT', `/v1/admin/seasons/${season}/settlement`);
  expect(await read()).toEqual(before);
});
