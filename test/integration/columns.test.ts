/** Columns and metadata, from the wire through Redis, Postgres and back. */
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { must } from '../support/admin.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire, type Wire } from '../support/wire.ts';

let server: ServerProcess;
let host: Wire;
let redis: Redis;

beforeAll(async () => {
  server = await startServer();
  host = await openWire(server.url, await server.token('server', 'match-host'));
  redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 1 });
});

afterAll(async () => {
  host?.close();
  redis?.disconnect();
  expect(await server?.stop()).toBe(0);
});

const RALLY = {
  sortOrder: 'asc',
  columns: [
    { id: 'faults', sortOrder: 'asc' },
    { id: 'coins', sortOrder: 'desc' },
  ],
};

const newBoard = (id: string, rules: Record<string, unknown>) =>
  must(server, 'POST', '/v1/admin/boards', { id, title: id, ...RALLY, ...rules });

const ranking = async (board: string) =>
  (await host.ok({ type: 'top', board, limit: 10 })).entries?.map((entry) => entry.player);

/** Takes a season out of Redis, as a Redis that lost its memory would. */
async function loseMemory(board: string, season: unknown): Promise<void> {
  const keys = await redis.keys(`pf:{${board}:${season}}:*`);
  expect(keys.length).toBeGreaterThan(0);
  await redis.del(...keys);
}

describe('columns on an open board', () => {
  const send = (player: string, score: number, columns: object, more: object = {}) =>
    host.ask({ type: 'tick', board: 'stages', player, score, columns, ...more });

  it('[EN5] decide between equal scores, each in its own direction; [TK20] answers tell rank and score before and after', async () => {
    await newBoard('stages', { kind: 'open', operator: 'best' });
    expect(await send('ann', 600, { faults: 1, coins: 5 })).toMatchObject({
      ...{ type: 'ok', rank: 1, previousRank: null, score: 600, previousScore: null, improved: true },
      columns: { faults: 1, coins: 5 },
    });
    await send('bob', 600, { faults: 0, coins: 0 });
    await send('cy', 600, { faults: 1, coins: 9 });
    await send('dee', 599, { faults: 90, coins: 0 });
    expect(await ranking('stages')).toEqual(['dee', 'bob', 'cy', 'ann']);
    expect(await send('ann', 600, { faults: 0, coins: 1 })).toMatchObject({
      ...{ rank: 2, previousRank: 4, score: 600, previousScore: 600, improved: true },
      columns: { faults: 0, coins: 1 },
    });
    expect(await send('ann', 601, { faults: 0, coins: 99 })).toMatchObject({
      ...{ rank: 2, previousRank: 2, score: 600, previousScore: 600, improved: false },
      columns: { faults: 0, coins: 1 },
    });
  });

  it('[TK21] come all with each score, or it is refused by name', async () => {
    const refusal = async (columns: unknown, more: object = {}) => {
      const { code, field, fix } = await host.ask({
        ...{ type: 'tick', board: 'stages', player: 'eve', score: 1, columns },
        ...more,
      });
      return { code, field, fix };
    };
    const fix = 'send columns with faults, coins';
    const code = 'INVALID_REQUEST';
    expect(await refusal(undefined)).toEqual({ code, field: 'columns', fix });
    expect(await refusal({ faults: 1 })).toEqual({ code, field: 'columns.coins', fix });
    expect(await refusal({ faults: 1, coins: 1, laps: 1 })).toEqual({ code, field: 'columns.laps', fix });
    expect(await refusal({ faults: 1, coins: 0.5 })).toMatchObject({ code, field: 'columns.coins' });
    expect(await refusal({ faults: 1, coins: 1 }, { metadata: {} })).toMatchObject({
      code,
      field: 'metadata',
      fix: 'leave metadata out',
    });
    await must(server, 'POST', '/v1/admin/boards', { id: 'plain', title: 'plain', kind: 'open' });
    expect(
      await host.ask({ type: 'tick', board: 'plain', player: 'eve', score: 1, columns: { faults: 1 } }),
    ).toMatchObject({ code, field: 'columns', fix: 'leave columns out' });
    expect(await ranking('stages')).not.toContain('eve');
  });
});

it('[EN5] sum adds columns as it adds scores, and refuses a sum past the range by name', async () => {
  await newBoard('totals', { kind: 'open', operator: 'sum', sortOrder: 'desc' });
  const add = (seq: number, delta: number, columns: object) =>
    host.ask({ type: 'tick', board: 'totals', player: 'ann', delta, columns, seq });
  await add(1, 5, { faults: 1, coins: -2 });
  expect(await add(2, -7, { faults: 2, coins: 3 })).toMatchObject({
    ...{ score: -2, previousScore: 5, improved: false, columns: { faults: 3, coins: 1 } },
  });
  expect(await add(3, 1, { faults: 2 ** 53 - 1, coins: 0 })).toMatchObject({
    ...{ code: 'SCORE_OVERFLOW', field: 'columns' },
  });
  expect(await add(3, 0, { faults: 0, coins: 0 })).toMatchObject({
    score: -2,
    columns: { faults: 3, coins: 1 },
  });
});

it('[EN6] metadata is of the run that is shown, or the latest, and no larger than the board says', async () => {
  const metadataOf = async (board: string, player: string) => {
    await must(server, 'POST', `/v1/admin/seasons/${seasons.get(board)}/flush`);
    const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
    try {
      const [row] = await sql`
        select metadata from snapshot_entries where season = ${seasons.get(board) ?? ''} and player = ${player}`;
      return row?.['metadata'] as string | null;
    } finally {
      await sql.end();
    }
  };
  const seasons = new Map<string, string>();
  for (const keep of ['best', 'latest']) {
    const board = `kept-${keep}`;
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: board, title: board, kind: 'open', entryMetadata: { keep, bytesMax: 20 } },
    });
    seasons.set(board, String((await host.ok({ type: 'top', board })).season));
    const send = (score: number, metadata?: object) =>
      host.ask({ type: 'tick', board, player: 'ann', score, metadata });
    await send(10, { car: 'é' });
    expect(await send(9, { car: 2 })).toMatchObject({ score: 10, improved: false });
    expect(await metadataOf(board, 'ann')).toBe(keep === 'best' ? '{"car":"é"}' : '{"car":2}');
    await send(11);
    expect(await metadataOf(board, 'ann')).toBe(keep === 'best' ? null : '{"car":2}');
    expect(await send(12, { car: '123456789012' })).toMatchObject({
      ...{ code: 'INVALID_REQUEST', field: 'metadata', limit: '20 bytes of JSON in UTF-8' },
    });
  }
});

describe('columns on a match board', () => {
  it('[EN7] finals keep them, a lost memory brings them back, and equal is who has the same score and columns', async () => {
    const { season: first } = await newBoard('rally', {
      entryMetadata: { keep: 'best' },
      prizes: {
        ties: 'share',
        bands: [
          { from: 1, to: 1, amountMinor: 900 },
          { from: 2, to: 3, amountMinor: 100 },
        ],
      },
    });
    const { match, season } = await host.ok({ type: 'match.start', board: 'rally' });
    expect([undefined, season]).toContain(first?.id ?? undefined);
    const tick = { type: 'tick', match, player: 'ann', score: 700, columns: { faults: 9, coins: 1 }, seq: 5 };
    await host.ok(tick);
    const final = { type: 'final', match, player: 'bob', score: 600, columns: { faults: 2, coins: 3 } };
    expect(await host.ok({ ...final, metadata: { car: 'r4' } })).toMatchObject({
      ...{
        rank: 1,
        previousRank: null,
        previousScore: null,
        improved: true,
        columns: { faults: 2, coins: 3 },
      },
    });
    expect(await host.ok(final)).toMatchObject({ duplicate: true, previousRank: 1, previousScore: 600 });
    expect(await host.ask({ ...final, columns: { faults: 2, coins: 4 } })).toMatchObject({
      code: 'FINAL_CONFLICT',
    });
    await must(server, 'POST', `/v1/admin/seasons/${season}/flush`);
    await loseMemory('rally', season);
    expect(await host.ok(tick)).toMatchObject({
      ...{ repeat: true, rank: 2, score: 700, columns: { faults: 9, coins: 1 } },
    });
    expect(
      await host.ok({
        type: 'match.end',
        match,
        finals: [
          { player: 'ann', score: 600, columns: { faults: 2, coins: 3 }, metadata: { car: 'gt' } },
          { player: 'cy', score: 600, columns: { faults: 2, coins: 2 } },
        ],
      }),
    ).toMatchObject({
      finals: [
        { player: 'ann', rank: 2, previousRank: 2, previousScore: 700, improved: true },
        { player: 'cy', rank: 3, previousRank: null, columns: { faults: 2, coins: 2 } },
      ],
    });
    expect(await ranking('rally')).toEqual(['bob', 'ann', 'cy']);
    await must(server, 'POST', `/v1/admin/seasons/${season}/close`);
    const settlement = await must(server, 'PUT', `/v1/admin/seasons/${season}/settlement`);
    expect(settlement.awards).toMatchObject([
      { player: 'bob', rank: 1, amountMinor: 900 },
      { player: 'ann', rank: 2, amountMinor: 900 },
      { player: 'cy', rank: 3, amountMinor: 100 },
    ]);
    const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
    const rows = await sql`
      select rank, player, score, achieved_at, columns_key, metadata from settled_standings
      where season = ${String(season)} order by rank`;
    await sql.end();
    expect(rows.map((row) => row['metadata'])).toEqual(['{"car":"r4"}', '{"car":"gt"}', null]);
    const lines = rows.map((row) => `${Object.values(row).slice(0, 5).join('\t')}\n`).join('');
    expect(settlement.sha256).toBe(createHash('sha256').update(lines).digest('hex'));
  });
});
