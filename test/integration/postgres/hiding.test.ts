import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HIDING_PLAYERS_MAX, hiddenPlayersOf } from '../../../server/src/board/player-hiding.ts';
import { PostgresHidingStore } from '../../../server/src/postgres/hiding-store.ts';
import { madeArena, madeBoard, T0, type TestDatabase, testDatabase } from './database.ts';

let db: TestDatabase;
let hiding: PostgresHidingStore;
beforeAll(async () => {
  db = await testDatabase();
  hiding = new PostgresHidingStore(db.postgres);
});
afterAll(() => db.close());

const change = (players: string[], hidden: boolean, board?: string) =>
  hiding.change({ players, hidden, board, by: 'boss' });

async function listOn(board: string): Promise<string[]> {
  const players: string[] = [];
  for await (const page of hiddenPlayersOf(hiding, board)) players.push(...page);
  return players;
}

const auditOf = (player: string) =>
  db.sql`select action, by, detail from audit_log where target = ${player} order by id`;

describe('the list of hidden players', () => {
  test('[HI1] a player is hidden on one board or on all, and shown again only where that was said', async () => {
    const [one, other] = [await madeBoard(db), await madeBoard(db)];
    expect(await change(['hi1-a', 'hi1-b'], true, one.id)).toEqual(['hi1-a', 'hi1-b']);
    expect(await change(['hi1-a', 'hi1-c'], true)).toEqual(['hi1-a', 'hi1-c']);
    const ours = (players: string[]) => players.filter((player) => player.startsWith('hi1-'));
    expect(ours(await listOn(one.id))).toEqual(['hi1-a', 'hi1-b', 'hi1-c']);
    expect(ours(await listOn(other.id))).toEqual(['hi1-a', 'hi1-c']);
    await change(['hi1-a'], false, one.id);
    expect((await hiding.among(one.id, ['hi1-a', 'hi1-b', 'x'])).hidden.sort()).toEqual(['hi1-a', 'hi1-b']);
    await change(['hi1-a'], false);
    expect(ours(await listOn(one.id))).toEqual(['hi1-b', 'hi1-c']);
    expect(ours(await listOn(other.id))).toEqual(['hi1-c']);
  });

  test('[HI2] each change is in the audit log with who made it; what changes nothing is not', async () => {
    const board = await madeBoard(db);
    await change(['hi2-a', 'hi2-b'], true, board.id);
    expect(await change(['hi2-b', 'hi2-a', 'hi2-a'], true, board.id)).toEqual([]);
    expect(await change(['hi2-nobody'], false)).toEqual([]);
    await change(['hi2-a'], false, board.id);
    const detail = { board: board.id };
    expect([...(await auditOf('hi2-a'))]).toEqual([
      { action: 'player.hide', by: 'boss', detail },
      { action: 'player.unhide', by: 'boss', detail },
    ]);
    expect([...(await auditOf('hi2-b'))]).toHaveLength(1);
    expect([...(await auditOf('hi2-nobody'))]).toHaveLength(0);
  });

  test('[HI7] who is hidden is listed page by page, with where', async () => {
    const [one, other] = [await madeBoard(db), await madeBoard(db)];
    await change(['hi7-a', 'hi7-b'], true, one.id);
    await change(['hi7-b', 'hi7-d'], true, other.id);
    await change(['hi7-c', 'hi7-b'], true);
    const list = (board: string | undefined, after = 'hi7-', limit = 10) =>
      hiding.list({ board, after, limit });
    const a = { player: 'hi7-a', everywhere: false, boards: [one.id] };
    const b = { player: 'hi7-b', everywhere: true, boards: [one.id, other.id].sort() };
    const c = { player: 'hi7-c', everywhere: true, boards: [] };
    const d = { player: 'hi7-d', everywhere: false, boards: [other.id] };
    expect(await list(undefined)).toEqual([a, b, c, d]);
    expect(await list(one.id)).toEqual([a, b, c]);
    expect(await list(undefined, 'hi7-a', 2)).toEqual([b, c]);
    expect(await list(other.id, 'hi7-c')).toEqual([d]);
  });

  test('[HI3] a version grows with every change that is about a board, and with no other', async () => {
    const [one, other] = [await madeBoard(db), await madeBoard(db)];
    const versions = () => hiding.versions([one.id, other.id, one.id]);
    const [before = 0, otherBefore = 0] = await versions();
    await change(['hi3-a', 'hi3-b'], true, one.id);
    await change(['hi3-a'], true, one.id);
    expect(await versions()).toEqual([before + 1, otherBefore, before + 1]);
    await change(['hi3-a'], true);
    expect(await versions()).toEqual([before + 2, otherBefore + 1, before + 2]);
    expect((await hiding.among(other.id, [])).version).toBe(otherBefore + 1);
  });

  test('[HI3] changes from many connections at once are all counted, and none is seen before an earlier one', async () => {
    const board = await madeBoard(db);
    const players = Array.from({ length: 20 }, (_, i) => `hi3-many-${i}`);
    await Promise.all(players.map((player) => change([player], true, board.id)));
    const { version, hidden } = await hiding.among(board.id, players);
    expect(hidden).toHaveLength(players.length);
    expect(await hiding.versions([board.id])).toEqual([version]);
  });

  test('[HI1] a list longer than a page is read whole, in key order', async () => {
    const board = await madeBoard(db);
    const players = Array.from({ length: 5_500 }, (_, i) => `hi1-long-${String(i).padStart(5, '0')}`);
    for (let i = 0; i < players.length; i += HIDING_PLAYERS_MAX)
      await change(players.slice(i, i + HIDING_PLAYERS_MAX), true, board.id);
    const listed = (await listOn(board.id)).filter((player) => player.startsWith('hi1-long-'));
    expect(listed).toEqual(players);
  });
});

test('[ST6] one hidden on the board, or on all, has no place in its settlement', async () => {
  const arena = await madeArena(db);
  const finals = ['st6-a', 'st6-b', 'st6-c', 'st6-d'].map((player, i) => ({ player, score: 10 - i }));
  await db.finals.write([{ match: arena.match.id, finals, end: false, at: T0 + 5_000 }]);
  await change(['st6-a'], true, arena.board.id);
  await change(['st6-c'], true);
  await change(['st6-d'], true, (await madeBoard(db)).id);
  await db.boards.moveSeason({ season: arena.season.id, to: 'closed', at: T0 + 9_000, by: 'tester' });
  await db.settlements.settle(
    { id: arena.season.id, board: arena.board },
    { id: 'st6', at: T0 + 10_000, by: 'boss' },
  );
  const rows =
    await db.sql`select rank, player from settled_standings where season = ${arena.season.id} order by rank`;
  expect([...rows]).toEqual([
    { rank: 1, player: 'st6-b' },
    { rank: 2, player: 'st6-d' },
  ]);
});
