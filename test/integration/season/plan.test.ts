import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresBoardStore } from '../../../server/src/postgres/board-store.ts';
import { replanBoard } from '../../../server/src/postgres/queries/plan-boundary.ts';
import { boundaryAfter } from '../../../server/src/season/schedule.ts';
import { connect, madeBoard, madeMatch, type TestDatabase, testDatabase } from '../postgres/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const WEEKLY = { schedule: '0 0 * * 1', timeZone: 'Europe/Berlin' };
const HOUR = 3_600_000;

const boundaryOf = async (board: string): Promise<number | null> => {
  const [row] = await db.sql`select boundary_at from boards where id = ${board}`;
  return row?.['boundary_at'] === null ? null : Number(row?.['boundary_at']);
};
/** As if the planned end had come so long ago. */
const passed = async (board: string, agoMs: number): Promise<void> => {
  const at = Date.now() - agoMs;
  await db.sql`update boards set boundary_at = ${at} where id = ${board}`;
  await db.sql`update seasons set ends_at = ${at} where board = ${board} and state = 'open'`;
};
const open = (board: string, id = `${board}-1`) =>
  db.boards.openSeason({ id, board, at: Date.now(), by: 'tester' });
const eventsOf = async (board: string): Promise<string[]> =>
  (
    await db.sql`select s.number, e.type from season_events e join seasons s on s.id = e.season
      where s.board = ${board} order by s.number, e.at, e.type desc`
  ).map((row) => `${row['number']} ${row['type']}`);

describe('planned ends', () => {
  test('[SS4] the season of a board with a schedule knows its planned end; that of any other has none', async () => {
    const weekly = await madeBoard(db, { season: WEEKLY });
    const season = await open(weekly.id);
    expect(season.endsAt).toBe(boundaryAfter(weekly.season, Date.now()));
    expect(await boundaryOf(weekly.id)).toBe(season.endsAt);
    const manual = await madeBoard(db);
    expect((await open(manual.id)).endsAt).toBeUndefined();
    expect(await boundaryOf(manual.id)).toBeNull();
  });

  test('[SS5] at the boundary the season begins to close and the next one opens, with an event each', async () => {
    const board = await madeBoard(db, { season: WEEKLY });
    await open(board.id);
    await passed(board.id, 5);
    const { rolled, ended, opened } = await db.boards.rollOver({ board: board.id, id: `${board.id}-2` });
    expect(rolled).toBe(true);
    expect(ended).toMatchObject({ id: `${board.id}-1`, state: 'closing', number: 1 });
    expect(opened).toMatchObject({ id: `${board.id}-2`, number: 2, state: 'open' });
    expect(ended?.closingAt).toBe(opened?.startedAt);
    const [newest] = (await db.boards.rollOver({ board: board.id, id: 'x' })).seasons;
    expect(newest).toMatchObject({ id: `${board.id}-2`, endsAt: boundaryAfter(board.season, Date.now()) });
    expect(await eventsOf(board.id)).toEqual(['1 season.started', '1 season.ended', '2 season.started']);
  });

  test('[SS5] an open board, or one without grace time, closes at once', async () => {
    for (const rules of [{ kind: 'open' as const }, { finals: { graceSeconds: 0 } }]) {
      const board = await madeBoard(db, { ...rules, season: WEEKLY });
      await open(board.id);
      await passed(board.id, 5);
      const { ended } = await db.boards.rollOver({ board: board.id, id: `${board.id}-2` });
      expect(ended).toMatchObject({ state: 'closed' });
      expect(await eventsOf(board.id)).toContain('1 season.closed');
    }
  });

  test('[SS6] of many that see the same boundary, from two servers, one rolls over', async () => {
    const other = connect(db.url);
    const stores = [db.boards, new PostgresBoardStore(other)];
    const board = await madeBoard(db, { season: WEEKLY });
    await open(board.id);
    await passed(board.id, 5);
    const done = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        (stores[i % 2] ?? db.boards).rollOver({ board: board.id, id: `${board.id}-r${i}` }),
      ),
    );
    expect(done.filter(({ rolled }) => rolled)).toHaveLength(1);
    expect(new Set(done.map(({ seasons }) => seasons[0]?.id)).size).toBe(1);
    expect((await db.boards.listSeasons(board.id, 10)).map(({ number, state }) => [number, state])).toEqual([
      [2, 'open'],
      [1, 'closing'],
    ]);
    expect(await eventsOf(board.id)).toEqual(['1 season.started', '1 season.ended', '2 season.started']);
    await other.close();
  });

  test('[SS7] however many boundaries passed, there is one roll-over, and the next one is still to come', async () => {
    const board = await madeBoard(db, { season: { schedule: '* * * * *' } });
    await open(board.id);
    await passed(board.id, 100 * HOUR);
    expect((await db.boards.rollOver({ board: board.id, id: `${board.id}-2` })).rolled).toBe(true);
    expect((await db.boards.rollOver({ board: board.id, id: `${board.id}-3` })).rolled).toBe(false);
    const [newest, ...rest] = await db.boards.listSeasons(board.id, 10);
    expect(newest?.endsAt).toBeGreaterThan(Date.now());
    expect(rest).toHaveLength(1);
    // Grace counts from when the season began to close, not from its planned end.
    expect(rest[0]?.closingAt).toBeGreaterThan(Date.now() - HOUR);
  });

  test('[SS8] a season that was closed by hand is followed by the next one at its boundary', async () => {
    const board = await madeBoard(db, { season: WEEKLY });
    const season = await open(board.id);
    await db.boards.moveSeason({ season: season.id, to: 'closed', at: Date.now(), by: 'tester' });
    expect((await db.boards.rollOver({ board: board.id, id: 'early' })).rolled).toBe(false);
    await passed(board.id, 5);
    expect((await db.boards.rollOver({ board: board.id, id: `${board.id}-2` })).opened?.number).toBe(2);
  });

  test('[SS8] a season that is opened by hand, after a boundary nobody saw, is the one that the boundary brings', async () => {
    const board = await madeBoard(db, { season: WEEKLY });
    const season = await open(board.id);
    await db.boards.moveSeason({ season: season.id, to: 'closed', at: Date.now(), by: 'tester' });
    await passed(board.id, 5);
    expect((await open(board.id, `${board.id}-2`)).endsAt).toBeGreaterThan(Date.now());
    expect((await db.boards.rollOver({ board: board.id, id: 'x' })).rolled).toBe(false);
  });

  test('[SS9] no match starts in a season past its planned end', async () => {
    const board = await madeBoard(db, { season: WEEKLY });
    await open(board.id);
    expect(await madeMatch(db, board, 1)).toMatchObject({ season: `${board.id}-1` });
    await passed(board.id, 5);
    await expect(madeMatch(db, board, 2)).rejects.toMatchObject({ code: 'SEASON_NOT_OPEN' });
  });

  test('[SS10] another schedule is planned anew, none plans nothing, and a boundary that has passed still counts', async () => {
    const board = await madeBoard(db, { season: WEEKLY });
    const season = await open(board.id);
    const replan = (after: typeof board) =>
      db.postgres.write(({ db: transaction }) => replanBoard(transaction, after));
    const endsAt = async () => (await db.boards.findSeason(season.id))?.endsAt;
    const daily = { ...board, season: { schedule: '0 5 * * *', timeZone: 'UTC' } };
    await replan(daily);
    expect(await endsAt()).toBe(boundaryAfter(daily.season, Date.now()));
    expect(await boundaryOf(board.id)).toBe(await endsAt());
    const manual = { ...board, season: { schedule: undefined, timeZone: 'UTC' } };
    await replan(manual);
    expect(await endsAt()).toBeUndefined();
    expect(await boundaryOf(board.id)).toBeNull();
    await replan(board);
    await passed(board.id, 5);
    await replan(manual);
    expect((await db.boards.rollOver({ board: board.id, id: `${board.id}-2` })).rolled).toBe(true);
  });

  test('[SS4] boundaries that are near or have passed are listed, soonest first, with the clock of the database', async () => {
    const [far, near, late] = [await madeBoard(db), await madeBoard(db), await madeBoard(db)];
    for (const [board, inMs] of [
      [far, HOUR],
      [near, 1_000],
      [late, -1_000],
    ] as const)
      await db.sql`update boards set boundary_at = ${Date.now() + inMs} where id = ${board.id}`;
    const { now, boundaries } = await db.boards.boundaries(60_000);
    expect(Math.abs(now - Date.now())).toBeLessThan(60_000);
    const boards = boundaries.map(({ board }) => board);
    expect(boards).not.toContain(far.id);
    expect(boards.indexOf(late.id)).toBeLessThan(boards.indexOf(near.id));
    expect(boards.indexOf(late.id)).toBeGreaterThanOrEqual(0);
  });
});
