import { createHash } from 'node:crypto';
import type { BoardInput } from '@photofinish/shared/domain/board';
import { compareEntries, type OrderKey } from '@photofinish/shared/domain/order';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settleSeason } from '../../../server/src/postgres/queries/settle-season.ts';
import { PostgresSettlementStore } from '../../../server/src/postgres/settlement-store.ts';
import { type Arena, connect, madeArena, T0, type TestDatabase, testDatabase } from './database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const PRIZES = {
  bands: [
    { from: 1, to: 1, amountMinor: 1_000 },
    { from: 2, to: 3, amountMinor: 301 },
  ],
};

/** Finals one after the other, so that each has a time of its own; then closed. */
async function played(scores: Record<string, number>, rules: Partial<BoardInput> = {}): Promise<Arena> {
  const arena = await madeArena(db, { prizes: PRIZES, ...rules });
  for (const [i, [player, score]] of Object.entries(scores).entries())
    await db.finals.write([
      { match: arena.match.id, finals: [{ player, score }], end: false, at: T0 + 5_000 + i },
    ]);
  await db.boards.moveSeason({ season: arena.season.id, to: 'closed', at: T0 + 9_000, by: 'tester' });
  return arena;
}

const ofArena = ({ board, season }: Arena) => ({ id: season.id, board });
const settle = (arena: Arena, id = `st-${arena.season.id}`, store = db.settlements) =>
  store.settle(ofArena(arena), { id, at: T0 + 10_000, by: 'boss' });

/** Reads the rows, sorts and hashes them without any of the server's SQL. */
async function hashOf(arena: Arena, without: readonly string[] = []): Promise<string> {
  const rows =
    await db.sql`select player, score, achieved_at from standings where season = ${arena.season.id}`;
  const entries: OrderKey[] = rows
    .map((row) => ({
      player: row['player'],
      score: Number(row['score']),
      achievedAt: Number(row['achieved_at']),
    }))
    .filter((entry) => !without.includes(entry.player))
    .sort((a, b) => compareEntries(arena.board.sortOrder, a, b));
  const text = entries
    .map((entry, i) => `${i + 1}\t${entry.player}\t${entry.score}\t${entry.achievedAt}\n`)
    .join('');
  return createHash('sha256').update(text).digest('hex');
}

const countsOf = async (season: string) => {
  const [row] = await db.sql`select
    (select count(*)::int from settlements where season = ${season}) as settlements,
    (select count(*)::int from settled_standings where season = ${season}) as standings,
    (select count(*)::int from awards where season = ${season}) as awards,
    (select state from seasons where id = ${season}) as state`;
  return { ...row };
};

describe('settlement', () => {
  test('[ST1] ranks by the total order, hashes the table, awards the paid places, and says so in the audit log', async () => {
    const arena = await played({ d: 5, c: 10, B: 10, z: -3, a: 70 });
    const settlement = await settle(arena);
    expect(settlement).toEqual({
      ...{
        id: `st-${arena.season.id}`,
        season: arena.season.id,
        board: arena.board.id,
        settledAt: T0 + 10_000,
      },
      ...{ standings: 5, currency: 'USD', amountMinor: 1_602, sha256: await hashOf(arena) },
      awards: [
        { player: 'a', rank: 1, score: 70, amountMinor: 1_000 },
        { player: 'c', rank: 2, score: 10, amountMinor: 301 },
        { player: 'B', rank: 3, score: 10, amountMinor: 301 },
      ],
    });
    expect(await countsOf(arena.season.id)).toEqual({
      settlements: 1,
      standings: 5,
      awards: 3,
      state: 'settled',
    });
    const [audit] =
      await db.sql`select by, detail from audit_log where target = ${arena.season.id} and action = 'season.settle'`;
    expect(audit).toMatchObject({
      by: 'boss',
      detail: { settlement: settlement.id, awards: 3, sha256: settlement.sha256 },
    });
  });

  test('[ST1] smaller is better on an ascending board', async () => {
    const arena = await played({ slow: 99, fast: 11, zero: 0 }, { sortOrder: 'asc' });
    const settlement = await settle(arena);
    expect(settlement.awards.map(({ player }) => player)).toEqual(['zero', 'fast', 'slow']);
    expect(settlement.sha256).toBe(await hashOf(arena));
  });

  test('[ST2] settling again returns the same settlement, whatever it is asked to name it, also after the board changed', async () => {
    const arena = await played({ a: 3, b: 2, c: 1 });
    const first = await settle(arena);
    expect(await settle(arena, 'another-name')).toEqual(first);
    const richer = {
      ...arena.board,
      prizes: { ...arena.board.prizes, bands: [{ from: 1, to: 3, amountMinor: 9 }] },
    };
    expect(await settle({ ...arena, board: richer })).toEqual(first);
    expect(await db.settlements.find(arena.season.id)).toEqual(first);
    expect(await countsOf(arena.season.id)).toEqual({
      settlements: 1,
      standings: 3,
      awards: 3,
      state: 'settled',
    });
  });

  test('[ST3] settled by many at once, from two servers, there is one settlement', async () => {
    const other = connect(db.url);
    const stores = [db.settlements, new PostgresSettlementStore(other)];
    const arena = await played({ a: 3, b: 2, c: 1 });
    const settlements = await Promise.all(
      Array.from({ length: 8 }, (_, i) => settle(arena, `race-${arena.season.id}-${i}`, stores[i % 2])),
    );
    for (const settlement of settlements) expect(settlement).toEqual(settlements[0]);
    expect(await countsOf(arena.season.id)).toEqual({
      settlements: 1,
      standings: 3,
      awards: 3,
      state: 'settled',
    });
    await other.close();
  });

  test('[ST4] a settlement cut off before its commit leaves nothing, and the next one is the first', async () => {
    const arena = await played({ a: 3, b: 2, c: 1 });
    const order = { season: ofArena(arena), id: 'doomed', at: T0, by: 'boss' };
    const doomed = db.postgres.write(async (connection) => {
      await settleSeason(connection, order);
      connection.destroy();
    });
    await expect(doomed).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await countsOf(arena.season.id)).toEqual({
      settlements: 0,
      standings: 0,
      awards: 0,
      state: 'closed',
    });
    expect((await settle(arena)).id).toBe(`st-${arena.season.id}`);
    expect(await countsOf(arena.season.id)).toEqual({
      settlements: 1,
      standings: 3,
      awards: 3,
      state: 'settled',
    });
  });

  test('[ST5] only a closed season is settled', async () => {
    const arena = await madeArena(db, { prizes: PRIZES });
    await expect(settle(arena)).rejects.toMatchObject({ code: 'SEASON_NOT_CLOSED' });
    await db.boards.moveSeason({ season: arena.season.id, to: 'closing', at: T0, by: 'tester' });
    await expect(settle(arena)).rejects.toThrow('is closing');
    await expect(settle({ ...arena, season: { ...arena.season, id: 'nothing' } })).rejects.toMatchObject({
      code: 'SEASON_NOT_FOUND',
    });
    expect(await countsOf(arena.season.id)).toMatchObject({ settlements: 0, state: 'closing' });
  });

  test('[ST6] hidden players take no place and no prize', async () => {
    const names = { 'st6-cheat': 100, 'st6-a': 50, 'st6-b': 40, 'st6-c': 30 };
    const arena = await played(names);
    await db.sql`update players set hidden = true where id = 'st6-cheat'`;
    const settlement = await settle(arena);
    expect(settlement.standings).toBe(3);
    expect(settlement.awards.map(({ player, rank }) => [player, rank])).toEqual([
      ['st6-a', 1],
      ['st6-b', 2],
      ['st6-c', 3],
    ]);
    expect(settlement.sha256).toBe(await hashOf(arena, ['st6-cheat']));
  });

  test('[ST7] equal scores take, share or split prizes as the board says, past the last paid place too', async () => {
    const scores = { w: 90, x: 50, y: 50, z: 50, q: 1 };
    const amounts = {
      first: [1_000, 301, 301],
      share: [1_000, 301, 301, 301],
      split: [1_000, 201, 201, 200],
    };
    for (const ties of ['first', 'share', 'split'] as const) {
      const settlement = await settle(await played(scores, { prizes: { ...PRIZES, ties } }));
      expect(settlement.awards.map(({ amountMinor }) => amountMinor)).toEqual(amounts[ties]);
      expect(settlement.awards.map(({ player }) => player)).toEqual(
        ['w', 'x', 'y', 'z'].slice(0, amounts[ties].length),
      );
      expect(settlement.amountMinor).toBe(amounts[ties].reduce((sum, amount) => sum + amount, 0));
    }
  });

  test('[ST8] a preview is what settling would give, in every state, and changes nothing', async () => {
    const arena = await madeArena(db, { prizes: PRIZES });
    const finals = [
      { player: 'a', score: 3 },
      { player: 'b', score: 9 },
    ];
    await db.finals.write([{ match: arena.match.id, finals, end: true, at: T0 + 5_000 }]);
    const preview = await db.settlements.preview(ofArena(arena), T0 + 10_000);
    expect(await countsOf(arena.season.id)).toEqual({
      settlements: 0,
      standings: 0,
      awards: 0,
      state: 'open',
    });
    expect(await db.settlements.find(arena.season.id)).toBeUndefined();
    await db.boards.moveSeason({ season: arena.season.id, to: 'closed', at: T0 + 9_000, by: 'tester' });
    expect(await settle(arena, 'preview-then')).toEqual({ ...preview, id: 'preview-then' });
    expect(preview.id).toBe('preview');
  });

  test('[ST9] a season without finals, or a board without prizes, is settled too', async () => {
    const empty = await played({});
    expect(await settle(empty)).toMatchObject({
      ...{ standings: 0, amountMinor: 0, awards: [], sha256: createHash('sha256').digest('hex') },
    });
    const unpaid = await played({ a: 1 }, { prizes: {} });
    expect(await settle(unpaid)).toMatchObject({ standings: 1, amountMinor: 0, awards: [] });
  });

  test('[ST10] awards that add up past 2^53 - 1 are refused and nothing is settled', async () => {
    const bands = [{ from: 1, to: 2, amountMinor: Number.MAX_SAFE_INTEGER }];
    const arena = await played({ a: 2, b: 1 }, { prizes: { bands } });
    await expect(settle(arena)).rejects.toMatchObject({ code: 'SCORE_OVERFLOW' });
    expect(await countsOf(arena.season.id)).toMatchObject({ settlements: 0, standings: 0, state: 'closed' });
  });
});
