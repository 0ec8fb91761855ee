import { boardSchema } from '@photofinish/shared/domain/board';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresBoardStore } from '../../../server/src/postgres/board-store.ts';
import { connect, madeArena, madeBoard, T0, type TestDatabase, testDatabase } from './database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );
const openOn = (board: string, id: string, store = db.boards) =>
  store.openSeason({ id, board, at: T0, by: 'tester' });
const auditOf = async (target: string) =>
  (await db.sql`select by, action from audit_log where target = ${target} order by id`).map(
    (row) => `${row['action']} by ${row['by']}`,
  );

describe('boards, seasons and matches', () => {
  test('[SE1] a board is kept as it was made, once', async () => {
    const board = await madeBoard(db, { metadata: { "it's": 'a "quoted" \\ ünicode' }, sortOrder: 'asc' });
    expect((await db.boards.findBoard(board.id))?.board).toEqual(board);
    expect(await codeOf(db.boards.createBoard(board, 'tester'))).toBe('BOARD_EXISTS');
    expect((await db.boards.listBoards()).map(({ id }) => id)).toContain(board.id);
    expect(await db.boards.findBoard('nothing')).toBeUndefined();
    expect(await auditOf(board.id)).toEqual(['board.create by tester']);
  });

  test('[SE2] a board made by an earlier version gets the defaults of newer settings', async () => {
    await db.sql`insert into boards (id, title, kind, sort_order, operator, rules)
      values ('old', 'Old', 'match', 'desc', 'best', '{"id":"old","title":"Old"}')`;
    expect((await db.boards.findBoard('old'))?.board).toEqual(boardSchema.parse({ id: 'old', title: 'Old' }));
  });

  test('[SE3] seasons count from 1, one is open at a time, and opening the same one again is the same opening', async () => {
    const board = await madeBoard(db);
    const first = await openOn(board.id, `${board.id}-1`);
    expect(first).toEqual({
      ...{ id: `${board.id}-1`, board: board.id, number: 1, state: 'open', epoch: 1, startedAt: T0 },
      ...{ closingAt: undefined, closedAt: undefined },
    });
    expect(await openOn(board.id, first.id)).toEqual(first);
    expect(await codeOf(openOn(board.id, `${board.id}-2`))).toBe('SEASON_ALREADY_OPEN');
    await db.boards.moveSeason({ season: first.id, to: 'closing', at: T0 + 1, by: 'tester' });
    expect((await openOn(board.id, `${board.id}-2`)).number).toBe(2);
    expect((await db.boards.listSeasons(board.id, 10)).map(({ number }) => number)).toEqual([2, 1]);
    expect((await db.boards.listSeasons(board.id, 10, 2)).map(({ number }) => number)).toEqual([1]);
    expect(await codeOf(openOn('nothing', 'x'))).toBe('BOARD_NOT_FOUND');
  });

  test('[SE4] of many that open a season at once, from two servers, one does', async () => {
    const other = connect(db.url);
    const stores = [db.boards, new PostgresBoardStore(other)];
    const board = await madeBoard(db);
    const codes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => codeOf(openOn(board.id, `${board.id}-race${i}`, stores[i % 2]))),
    );
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(codes.filter((code) => code === 'SEASON_ALREADY_OPEN')).toHaveLength(9);
    await other.close();
  });

  test('[SE5] a season moves one way only; a move to where it is, or back, answers it as it is', async () => {
    const { season } = await madeArena(db);
    const move = (to: 'closing' | 'closed', at: number) =>
      db.boards.moveSeason({ season: season.id, to, at, by: 'tester' });
    const closing = await move('closing', T0 + 10);
    expect(closing).toMatchObject({ state: 'closing', closingAt: T0 + 10, closedAt: undefined });
    expect(await move('closing', T0 + 11)).toEqual(closing);
    const closed = await move('closed', T0 + 20);
    expect(closed).toMatchObject({ state: 'closed', closingAt: T0 + 10, closedAt: T0 + 20 });
    expect(await move('closing', T0 + 30)).toEqual(closed);
    expect(await db.boards.findSeason(season.id)).toEqual(closed);
    expect(await codeOf(db.boards.moveSeason({ season: 'nothing', to: 'closed', at: 0, by: 'x' }))).toBe(
      'SEASON_NOT_FOUND',
    );
    expect(await auditOf(season.id)).toEqual([
      ...['season.open by tester', 'season.begin-close by tester', 'season.close by tester'],
    ]);
  });

  test('[SE6] a match is pinned to the open season of its board', async () => {
    const { board, season, match } = await madeArena(db);
    expect(await db.boards.findMatch(match.id)).toEqual({
      ...{ id: match.id, season: season.id, board: board.id, startedAt: T0 + 1_000, endedAt: undefined },
      ...{ limits: {}, rostered: false, abandoned: false },
    });
    await db.boards.moveSeason({ season: season.id, to: 'closing', at: T0, by: 'tester' });
    const start = (of: string) => codeOf(db.boards.startMatch({ id: 'late', board: of, at: T0 }));
    expect(await start(board.id)).toBe('SEASON_NOT_OPEN');
    expect(await start('nothing')).toBe('BOARD_NOT_FOUND');
    expect(await db.boards.findMatch('late')).toBeUndefined();
  });

  test('[SE7] seasons to look after: open, closing, closed within the hour, and those that Redis still holds', async () => {
    const now = Date.now();
    const closed = async (at: number) => {
      const { season } = await madeArena(db);
      await db.boards.moveSeason({ season: season.id, to: 'closed', at, by: 'tester' });
      await db.boards.freeze(season.id);
      return season.id;
    };
    const hour = 3_600_000;
    const lately = [(await madeArena(db)).season.id, await closed(now - 1_000)];
    const held = await closed(now - 1_000 * hour);
    const left = await closed(now - 2 * hour);
    const unfrozen = (await madeArena(db)).season.id;
    await db.boards.moveSeason({ season: unfrozen, to: 'closed', at: now - 1_000 * hour, by: 'tester' });
    lately.push(unfrozen);
    const live = (await db.boards.listLiveSeasons([held, 'of-another-database'])).map(({ id }) => id);
    expect(live).toEqual(expect.arrayContaining([...lately, held]));
    expect(live).not.toContain(left);
    expect((await db.boards.listLiveSeasons([])).map(({ id }) => id)).not.toContain(held);
  });
});
