import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FinalGroup, FinalGroupResult } from '../../../server/src/board/finals-store.ts';
import { matchKeyOf } from '../../../server/src/board/match-key.ts';
import { PostgresFinalsStore } from '../../../server/src/postgres/finals-store.ts';
import { until } from '../../support/condition.ts';
import { connect, madeArena, madeMatch, T0, type TestDatabase, testDatabase } from './database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const AT = T0 + 10_000;
const group = (
  match: string,
  scores: Record<string, number>,
  more: Partial<FinalGroup> = {},
): FinalGroup => ({
  ...{
    match,
    finals: Object.entries(scores).map(([player, score]) => ({ player, score })),
    end: false,
    at: AT,
  },
  ...more,
});
const writeOne = async (one: FinalGroup): Promise<FinalGroupResult> => {
  const [result] = await db.finals.write([one]);
  if (!result) throw new Error('no result');
  return result;
};
const codeOf = (result: FinalGroupResult | undefined) =>
  result?.kind === 'refused' ? result.code : result?.kind;
const standingsOf = async (season: string) =>
  (
    await db.sql`select player, score, achieved_at, finals from standings where season = ${season} order by player`
  ).map((row) => [row['player'], Number(row['score']), Number(row['achieved_at']) - AT, row['finals']]);
const finalsOf = async (match: string) =>
  (await db.sql`select player, score from final_scores where match = ${match} order by player`).map((row) => [
    row['player'],
    Number(row['score']),
  ]);

describe('finals', () => {
  test('[FN1] a group is stored with its standings in one transaction, and tells what is confirmed', async () => {
    const { season, match } = await madeArena(db);
    expect(await writeOne(group(match.id, { ann: 120, bob: -5 }))).toEqual({
      kind: 'stored',
      season: season.id,
      matchStartedAt: match.startedAt,
      pending: expect.any(String),
      finals: [
        { player: 'ann', score: 120, duplicate: false, confirmed: { score: 120, achievedAt: AT }, finals: 1 },
        { player: 'bob', score: -5, duplicate: false, confirmed: { score: -5, achievedAt: AT }, finals: 1 },
      ],
    });
    expect(await finalsOf(match.id)).toEqual([
      ['ann', 120],
      ['bob', -5],
    ]);
    expect(await standingsOf(season.id)).toEqual([
      ['ann', 120, 0, 1],
      ['bob', -5, 0, 1],
    ]);
  });

  test('[FN2] the same final again answers duplicate and changes nothing', async () => {
    const { season, match } = await madeArena(db, { operator: 'sum' });
    await writeOne(group(match.id, { ann: 10 }));
    const again = await writeOne(group(match.id, { ann: 10 }, { at: AT + 99 }));
    expect(again).toMatchObject({
      finals: [{ player: 'ann', duplicate: true, confirmed: { score: 10, achievedAt: AT }, finals: 1 }],
    });
    expect(await standingsOf(season.id)).toEqual([['ann', 10, 0, 1]]);
  });

  test('[FN3] a final that contradicts a stored one is FINAL_CONFLICT for its whole group, and names both scores', async () => {
    const { match } = await madeArena(db);
    await writeOne(group(match.id, { ann: 10 }));
    const result = await writeOne(group(match.id, { new: 1, ann: 11 }));
    expect(result).toMatchObject({ kind: 'refused', code: 'FINAL_CONFLICT', player: 'ann' });
    expect(result.kind === 'refused' && result.message).toMatch(/ann.*stored as 10; 11 contradicts/);
    expect(await finalsOf(match.id)).toEqual([['ann', 10]]);
    // Ended or closed since: it is still a contradiction.
    await writeOne(group(match.id, {}, { end: true }));
    expect(codeOf(await writeOne(group(match.id, { ann: 12 })))).toBe('FINAL_CONFLICT');
  });

  test('[FN4] one refused group leaves the others of the same call whole', async () => {
    const one = await madeArena(db);
    const two = await madeArena(db);
    const results = await db.finals.write([
      group('nowhere', { ann: 1 }),
      group(one.match.id, { ann: 1, bob: 2 }),
      group(
        two.match.id,
        { ann: 3 },
        {
          finals: [
            { player: 'ann', score: 3 },
            { player: 'ann', score: 3 },
          ],
        },
      ),
      group(two.match.id, { ann: 4 }),
      group(two.match.id, { ann: 5 }),
      group(two.match.id, { ann: 4 }),
    ]);
    expect(results.map(codeOf)).toEqual([
      ...['MATCH_NOT_FOUND', 'stored', 'INVALID_REQUEST', 'stored', 'FINAL_CONFLICT', 'stored'],
    ]);
    expect(results[5]).toMatchObject({ finals: [{ duplicate: true, finals: 1 }] });
    expect(await finalsOf(two.match.id)).toEqual([['ann', 4]]);
    expect(await standingsOf(one.season.id)).toHaveLength(2);
  });

  test('[FN5] an ended match answers repeats with duplicate, also of the ending itself, and refuses new finals', async () => {
    const { match } = await madeArena(db);
    const end = group(match.id, { ann: 1, bob: 2 }, { end: true });
    expect(codeOf(await writeOne(end))).toBe('stored');
    expect((await db.boards.findMatch(match.id))?.endedAt).toBe(AT);
    expect(await writeOne({ ...end, at: AT + 5 })).toMatchObject({
      finals: [{ duplicate: true }, { duplicate: true }],
    });
    expect((await db.boards.findMatch(match.id))?.endedAt).toBe(AT);
    expect(codeOf(await writeOne(group(match.id, { ann: 1 })))).toBe('stored');
    expect(codeOf(await writeOne(group(match.id, { ann: 1, new: 3 })))).toBe('MATCH_ENDED');
    expect(await finalsOf(match.id)).toHaveLength(2);
  });

  test('[FN6] a closing season takes finals for the grace time, a closed one none; repeats still answer', async () => {
    const { season, match } = await madeArena(db, { finals: { graceSeconds: 5 } });
    await writeOne(group(match.id, { early: 1 }));
    await db.boards.moveSeason({ season: season.id, to: 'closing', at: AT, by: 'tester' });
    expect(codeOf(await writeOne(group(match.id, { ann: 1 }, { at: AT + 5_000 })))).toBe('stored');
    expect(codeOf(await writeOne(group(match.id, { late: 1 }, { at: AT + 5_001 })))).toBe('SEASON_CLOSED');
    await db.boards.moveSeason({ season: season.id, to: 'closed', at: AT + 5_001, by: 'tester' });
    expect(codeOf(await writeOne(group(match.id, { late: 1 }, { at: AT + 1 })))).toBe('SEASON_CLOSED');
    expect(await writeOne(group(match.id, { early: 1 }))).toMatchObject({ finals: [{ duplicate: true }] });
    expect(await standingsOf(season.id)).toHaveLength(2);
  });

  test('[FN7] standings follow the operator, and a score that stays keeps its time', async () => {
    const expected = { best: [30, 1], latest: [20, 2], sum: [60, 3] } as const;
    for (const operator of ['best', 'latest', 'sum'] as const) {
      const { board, season, match } = await madeArena(db, { operator });
      const scores = operator === 'latest' ? [30, 20, 20] : operator === 'best' ? [10, 30, 20] : [10, 30, 20];
      for (const [i, score] of scores.entries()) {
        const of = i === 0 ? match : await madeMatch(db, board, i + 1);
        await writeOne(group(of.id, { ann: score }, { at: AT + i + 1 }));
      }
      const [score, at] = expected[operator];
      expect(await standingsOf(season.id)).toEqual([['ann', score, operator === 'best' ? 2 : at, 3]]);
    }
  });

  test('[FN8] a sum that would leave the range of scores refuses its group', async () => {
    const { board, season, match } = await madeArena(db, { operator: 'sum' });
    await writeOne(group(match.id, { ann: Number.MAX_SAFE_INTEGER }));
    const next = await madeMatch(db, board, 2);
    expect(codeOf(await writeOne(group(next.id, { ann: 1, bob: 1 })))).toBe('SCORE_OVERFLOW');
    expect(await finalsOf(next.id)).toEqual([]);
    expect(await standingsOf(season.id)).toEqual([['ann', Number.MAX_SAFE_INTEGER, 0, 1]]);
  });

  test('[FN9] the same final from two connections at once is stored once', async () => {
    const other = connect(db.url);
    const stores = [db.finals, new PostgresFinalsStore(other)];
    for (let round = 0; round < 10; round++) {
      const { season, match } = await madeArena(db, { operator: 'sum' });
      const one = group(match.id, { ann: 7, bob: 8 }, { end: true });
      const results = await Promise.all(stores.map((store) => store.write([one])));
      const duplicates = results
        .flat()
        .map((result) => result.kind === 'stored' && result.finals[0]?.duplicate);
      expect(duplicates.sort()).toEqual([false, true]);
      expect(await standingsOf(season.id)).toEqual([
        ['ann', 7, 0, 1],
        ['bob', 8, 0, 1],
      ]);
    }
    await other.close();
  });

  test('[FN10] first finals of one player from many matches at once all count', async () => {
    const other = connect(db.url);
    const stores = [db.finals, new PostgresFinalsStore(other)];
    const { board, season } = await madeArena(db, { operator: 'sum' });
    const matches = await Promise.all(Array.from({ length: 16 }, (_, i) => madeMatch(db, board, i + 2)));
    await Promise.all(
      matches.map((match, i) =>
        stores[i % 2]?.write([group(match.id, i % 3 ? { zed: 1, ann: 1 } : { ann: 1, zed: 1 })]),
      ),
    );
    expect(
      (await standingsOf(season.id)).map(([player, score, , finals]) => [player, score, finals]),
    ).toEqual([
      ['ann', 16, 16],
      ['zed', 16, 16],
    ]);
    await other.close();
  });

  test('[FN10] what a server knew of a player, and another one has changed since, decides nothing', async () => {
    const other = connect(db.url);
    const stores = [db.finals, new PostgresFinalsStore(other)];
    for (const operator of ['sum', 'best', 'latest'] as const) {
      const { board, season, match } = await madeArena(db, { operator });
      for (let i = 0; i < 6; i++) {
        const next = await madeMatch(db, board, i + 2);
        const [result] =
          (await stores[i % 2]?.write([group(next.id, { ann: 10 - i }, { at: AT + i })])) ?? [];
        const confirmed = { sum: [10, 19, 27, 34, 40, 45][i], best: 10, latest: 10 - i }[operator];
        expect(result).toMatchObject({
          finals: [{ confirmed: { score: confirmed }, finals: i + 1, duplicate: false }],
        });
      }
      // Both know the match, and one of them ends it.
      for (const [i, store] of stores.entries()) await store.write([group(match.id, { [`p${i}`]: 1 })]);
      await stores[0]?.write([group(match.id, {}, { end: true })]);
      expect((await stores[1]?.write([group(match.id, { late: 1 })]))?.map(codeOf)).toEqual(['MATCH_ENDED']);
      expect(await standingsOf(season.id)).toHaveLength(3);
    }
    await other.close();
  });

  test('[FN11] closing a season waits for a final under way, and one that comes after it is refused', async () => {
    const { season, match } = await madeArena(db, { finals: { graceSeconds: 0 } });
    let closed = false;
    const close = db.sql.begin(async (writer) => {
      await writer`select id from seasons where id = ${season.id} for share`;
      const move = db.boards
        .moveSeason({ season: season.id, to: 'closed', at: AT, by: 'tester' })
        .then(() => {
          closed = true;
        });
      await until('the close to wait', async () => {
        const rows =
          await db.sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%for update%'`;
        return rows.length > 0;
      });
      expect(closed).toBe(false);
      return { move };
    });
    await (await close).move;
    expect(codeOf(await writeOne(group(match.id, { ann: 1 })))).toBe('SEASON_CLOSED');
  });

  test('[FN12] values that no column takes refuse their own group alone', async () => {
    const { match } = await madeArena(db);
    const two = await madeArena(db);
    const results = await db.finals.write([
      group(match.id, { ann: 1 }),
      group(two.match.id, { 'nul\0byte': 1 }),
      group(two.match.id, { ok: 2 ** 60 }),
      group(two.match.id, { fine: 3 }),
    ]);
    expect(results.map(codeOf)).toEqual(['stored', 'INVALID_REQUEST', 'INVALID_REQUEST', 'stored']);
    expect(await finalsOf(two.match.id)).toEqual([['fine', 3]]);
  });

  test('[FN13] finals not known to be live are pending, oldest first, until they are marked', async () => {
    const { board, match } = await madeArena(db, { operator: 'sum' });
    const second = await madeMatch(db, board, 2);
    const first = await writeOne(group(second.id, { ann: 5 }, { at: AT - 50_000 }));
    await writeOne(group(match.id, { ann: 6 }, { at: AT - 49_000 }));
    const pending = async () =>
      (await db.finals.pending(AT - 40_000, 10))
        .flatMap(({ finals }) => finals)
        .map((final) => [
          final.match,
          matchKeyOf({ id: final.match, startedAt: final.matchStartedAt }),
          final.confirmed.score,
          final.finals,
        ]);
    expect(await pending()).toEqual([
      [second.id, matchKeyOf(second), 11, 2],
      [match.id, matchKeyOf(match), 11, 2],
    ]);
    expect(await db.finals.pending(AT - 50_000, 10)).toEqual([]);
    const known = first.kind === 'stored' && first.pending ? first.pending : '';
    await db.finals.markLive([known, known]);
    expect((await pending()).map(([id]) => id)).toEqual([match.id]);
  });
});
