import { columnsKeyOf, columnsOf } from '@photofinish/shared/domain/columns';
import { confirm, type Mark, type Operator } from '@photofinish/shared/domain/entry';
import { compareEntries, type SortOrder } from '@photofinish/shared/domain/order';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresPastStandings } from '../../../server/src/postgres/past-standings-store.ts';
import { PastReads } from '../../../server/src/season/past-standings.ts';
import { madeBoard, T0, type TestDatabase, testDatabase } from '../postgres/database.ts';

let db: TestDatabase;
let past: PastReads;
beforeAll(async () => {
  db = await testDatabase();
  past = new PastReads(new PostgresPastStandings(db.postgres));
});
afterAll(() => db.close());

const PLAYERS = ['ada', 'bob', 'cy', '-d', 'Eve'];

interface Final {
  player: string;
  score: number;
  columns: [number, number];
  metadata: string | undefined;
}

const small = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2, max: 3 }) },
  fc.integer({ min: -1e12, max: 1e12 }),
);
const final = fc.record({
  player: fc.constantFrom(...PLAYERS),
  score: small,
  columns: fc.tuple(small, small),
  metadata: fc.option(fc.constantFrom('{"a":1}', '{"b":2}'), { nil: undefined }),
});

/** The season with these finals, each a match of its own, a millisecond after the one before. */
async function madeSeason(of: {
  operator: Operator;
  sortOrder: SortOrder;
  columns: number;
  ranking: 'ordinal' | 'competition' | 'dense';
  keep: 'best' | 'latest' | undefined;
  finals: readonly Final[];
}) {
  const columns = (['desc', 'asc'] as const)
    .slice(0, of.columns)
    .map((sortOrder, i) => ({ id: `c${i}`, sortOrder }));
  const board = await madeBoard(db, {
    ...{ operator: of.operator, sortOrder: of.sortOrder, ranking: of.ranking, columns },
    ...(of.keep === undefined ? {} : { entryMetadata: { keep: of.keep } }),
  });
  const season = await db.boards.openSeason({ id: `s-${board.id}`, board: board.id, at: T0, by: 'tester' });
  const told = of.finals.map((each, i) => ({
    ...{ player: each.player, score: each.score, metadata: each.metadata, at: T0 + i },
    columnsKey: columnsKeyOf(columns, { c0: each.columns[0], c1: each.columns[1] }),
  }));
  if (told.length > 0) {
    await db.sql`insert into players ${db.sql(PLAYERS.map((id) => ({ id })))} on conflict do nothing`;
    await db.sql`insert into matches ${db.sql(told.map((_, i) => ({ id: `${season.id}-${i}`, season: season.id, board: board.id, started_at: T0 })))}`;
    await db.sql`insert into final_scores ${db.sql(
      told.map((each, i) => ({
        ...{ season: season.id, match: `${season.id}-${i}`, player: each.player, score: each.score },
        ...{ columns_key: each.columnsKey, accepted_at: each.at, metadata: each.metadata ?? null },
      })),
    )}`;
  }
  const closed = await db.boards.moveSeason({ season: season.id, to: 'closed', at: T0, by: 'tester' });
  return { board, season: closed, told, columns };
}

describe('standings as they were', () => {
  test('[TT1, TT2] at every moment they are what the finals up to it come to, in pages that repeat and skip nobody', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          operator: fc.constantFrom('best' as const, 'latest' as const, 'sum' as const),
          sortOrder: fc.constantFrom('desc' as const, 'asc' as const),
          ranking: fc.constantFrom('ordinal' as const, 'competition' as const, 'dense' as const),
          columns: fc.integer({ min: 0, max: 2 }),
          keep: fc.constantFrom('best' as const, 'latest' as const, undefined),
          finals: fc.array(final, { maxLength: 14 }),
          limit: fc.integer({ min: 1, max: 4 }),
        }),
        async (of) => {
          const { board, season, told, columns } = await madeSeason(of);
          const marks = new Map<string, Mark>();
          for (let i = -1; i < told.length; i++) {
            const each = told[i];
            if (each) {
              const { columnsKey, score, metadata, at } = each;
              const mark = { score, columnsKey: columnsKey || undefined, achievedAt: at, metadata };
              marks.set(each.player, confirm(board, marks.get(each.player), mark) as Mark);
            }
            // Every third moment, and the last: each is a query or more.
            if (i % 3 !== 0 && i !== told.length - 1) continue;
            const expected = [...marks]
              .map(([player, mark]) => ({ player, ...mark }))
              .sort((a, b) => compareEntries(of.sortOrder, a, b));
            const found = [];
            let cursor: string | undefined;
            do {
              const page = await past.at({ season, board, at: T0 + i, limit: of.limit, cursor });
              expect(page.total).toBe(expected.length);
              found.push(...page.entries);
              cursor = page.next;
            } while (cursor !== undefined && found.length <= expected.length);
            const same = (a: Mark | undefined, b: Mark | undefined) =>
              a?.score === b?.score && a?.columnsKey === b?.columnsKey;
            const ranks: number[] = [];
            for (const [n, entry] of expected.entries()) {
              const tied = n > 0 && same(entry, expected[n - 1]);
              const next = of.ranking === 'dense' ? (ranks[n - 1] ?? 0) + 1 : n + 1;
              ranks.push(of.ranking !== 'ordinal' && tied ? (ranks[n - 1] ?? 0) : next);
            }
            expect(found).toEqual(
              expected.map(({ player, score, achievedAt, columnsKey, metadata }, n) => ({
                ...{ rank: ranks[n], player, score, achievedAt },
                ...(columns.length > 0 ? { columns: columnsOf(columns, columnsKey ?? '') } : {}),
                ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) }),
              })),
            );
          }
        },
      ),
      { numRuns: 60, verbose: 1 },
    );
  });

  const some: Final[] = PLAYERS.map((player, i) => ({
    player,
    score: i,
    columns: [0, 0],
    metadata: undefined,
  }));
  const plain = {
    operator: 'best',
    sortOrder: 'desc',
    columns: 0,
    ranking: 'ordinal',
    keep: undefined,
  } as const;

  test('[TT3] are those of a closed season of a match board, and the last of them is what prizes come from', async () => {
    const { board, season } = await madeSeason({ ...plain, finals: some });
    const open = { ...season, state: 'open' as const };
    await expect(past.at({ season: open, board, at: T0, limit: 1 })).rejects.toMatchObject({
      code: 'SEASON_NOT_CLOSED',
    });
    const likes = await madeBoard(db, { kind: 'open' });
    await expect(past.at({ season, board: likes, at: T0, limit: 1 })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    for (const cursor of ['x', Buffer.from('[1,"x",1,"a"]').toString('base64url'), 'bnVsbA'])
      await expect(past.at({ season, board, at: T0, limit: 1, cursor })).rejects.toMatchObject({
        ...{ code: 'INVALID_REQUEST', detail: { field: 'cursor' } },
      });
  });

  test('[TT3] leave hidden players out, and are few at once', async () => {
    const { board, season } = await madeSeason({ ...plain, finals: some });
    await db.sql`insert into hidden_players (board, player, by) values (${board.id}, 'cy', 'tester')`;
    const read = () => past.at({ season, board, at: T0 + 1_000, limit: 10 });
    expect((await read()).entries.map(({ player }) => player)).toEqual(['Eve', '-d', 'bob', 'ada']);
    const reads = await Promise.allSettled([read(), read(), read()]);
    expect(reads.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(reads[2]).toMatchObject({ reason: { code: 'OVERLOADED' } });
    expect((await read()).total).toBe(4);
  });
});
