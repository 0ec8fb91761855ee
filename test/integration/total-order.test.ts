import { randomUUID } from 'node:crypto';
import { boardSchema } from '@photofinish/shared/domain/board';
import { type Column, columnsKeyOf } from '@photofinish/shared/domain/columns';
import { compareEntries, type OrderKey } from '@photofinish/shared/domain/order';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LiveSeason } from '../../server/src/board/live-board.ts';
import type { EntryRecord } from '../../server/src/flush/dirty-queue.ts';
import { rankedStandings } from '../../server/src/postgres/queries/rank-standings.ts';
import { T0, type TestDatabase, testDatabase } from './postgres/database.ts';
import { openPorts, type Ports, warm } from './redis/live-season.ts';

let db: TestDatabase;
let redis: Ports;
beforeAll(async () => {
  [db, redis] = await Promise.all([testDatabase(), openPorts(inject('redisUrl'))]);
});
afterAll(async () => {
  redis.close();
  await db.close();
});

const STAMP_MAX = 2 ** 48 - 1;
const CHARACTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-'];

/** Ids that a language's collation, an array literal or a template would take for something else come up often. */
const player = fc.oneof(
  fc.array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 64 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...'aAbB-._~0'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
  fc.constantFrom('null', 'NULL', 'true', '-', '--', '~', '.', '__proto__', '0', '00'),
);
/** Few values, so that most entries of a run have a twin in score, and many in score and time. */
const score = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, -0, 1, -1) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1, Number.MIN_SAFE_INTEGER),
  },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
);
const achievedAt = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(T0, T0 + 1) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, STAMP_MAX - 1, STAMP_MAX) },
  { weight: 1, arbitrary: fc.integer({ min: T0, max: T0 + 100_000_000 }) },
);
/** 0 to 3 columns of both directions, and entries that mostly have a twin in them. */
const columns = fc
  .array(fc.constantFrom('desc' as const, 'asc' as const), { maxLength: 3 })
  .map((orders) => orders.map((sortOrder, i): Column => ({ id: `c${i}`, sortOrder })));
const entriesOf = (of: readonly Column[]): fc.Arbitrary<OrderKey[]> =>
  fc
    .uniqueArray(fc.record({ player, score, achievedAt, numbers: fc.tuple(score, score, score) }), {
      selector: (entry) => entry.player,
      maxLength: 80,
    })
    .map((list) =>
      list.map(({ numbers, ...entry }) => ({
        ...entry,
        columnsKey:
          of.length === 0
            ? undefined
            : columnsKeyOf(of, Object.fromEntries(of.map(({ id }, i) => [id, numbers[i] ?? 0]))),
      })),
    );
const cases = columns.chain((of) => entriesOf(of).map((given) => ({ of, given })));
const sortOrder = fc.constantFrom('desc' as const, 'asc' as const);

const recordOf = (entry: OrderKey): EntryRecord => ({
  ...entry,
  ...{ rev: 1, confirmed: undefined, finals: 0, matchKey: '', matchEnded: false },
  provisional: { score: entry.score, columnsKey: entry.columnsKey, achievedAt: entry.achievedAt },
  seqs: '',
});

async function orderInRedis(season: LiveSeason, given: readonly OrderKey[]): Promise<string[]> {
  await warm(redis, season, { records: given.map(recordOf) });
  const top = await redis.live.page(season, { limit: 100 });
  if (top.kind !== 'ok') throw new Error('the season is cold');
  expect(top.entries.map((entry) => entry.rank)).toEqual(given.map((_, i) => i + 1));
  const asked = given.map((entry) => entry.player);
  const ranks = await redis.live.ranks(season, asked);
  if (ranks.kind !== 'ok') throw new Error('the season is cold');
  for (const [i, entry] of ranks.entries.entries())
    expect([entry?.player, top.entries[(entry && 'place' in entry ? entry.place : 0) - 1]?.player]).toEqual([
      asked[i],
      asked[i],
    ]);
  return top.entries.map((entry) => entry.player);
}

async function orderInSnapshot(season: LiveSeason, given: readonly OrderKey[]): Promise<string[]> {
  await db.snapshot.write({
    ...{ season: season.id, epoch: 1, records: given.map(recordOf), watermark: undefined },
  });
  const { entries: top } = await db.snapshot.page(season, { limit: 100 });
  return top.map((entry) => entry.player);
}

/** As settlements rank. */
async function orderInStandings(season: LiveSeason, given: readonly OrderKey[]): Promise<string[]> {
  if (given.length > 0)
    await db.sql`insert into standings ${db.sql(
      given.map((entry) => ({
        ...{ season: season.id, player: entry.player, score: String(entry.score) },
        ...{ achieved_at: String(entry.achievedAt), finals: 1, match_key: '' },
        columns_key: entry.columnsKey ?? '',
      })),
    )}`;
  const rows = await db.postgres.read(
    ({ sql }) => sql<{ player: string }[]>`
      select player from (${rankedStandings(sql, season)}) as ranked order by rank`,
  );
  return rows.map((row) => row.player);
}

test('[EN2] random entries have one order in Redis, in the snapshot, in settlements and in TypeScript', async () => {
  await fc.assert(
    fc.asyncProperty(cases, sortOrder, async ({ of, given }, order) => {
      const name = randomUUID();
      const board = boardSchema.parse({ id: name, title: 'Order', sortOrder: order, columns: of });
      await db.boards.createBoard(board, 'tester');
      const { id } = await db.boards.openSeason({
        id: name,
        board: board.id,
        at: T0,
        by: 'tester',
      });
      const season = { id, board };
      const expected = [...given].sort((a, b) => compareEntries(order, a, b)).map((entry) => entry.player);
      expect(await orderInRedis(season, given)).toEqual(expected);
      expect(await orderInSnapshot(season, given)).toEqual(expected);
      expect(await orderInStandings(season, given)).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});
