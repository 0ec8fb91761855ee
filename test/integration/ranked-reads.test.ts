import { randomUUID } from 'node:crypto';
import { boardSchema } from '@photofinish/shared/domain/board';
import type { OrderKey } from '@photofinish/shared/domain/order';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LiveSeason } from '../../server/src/board/live-board.ts';
import type { PageOf } from '../../server/src/board/placed-entry.ts';
import { PostgresRankedReads } from '../../server/src/postgres/ranked-reads.ts';
import { keysOf, PlacedModel, pageOf, recordOf, STYLES, type Style } from '../contracts/placed-cases.ts';
import { T0, type TestDatabase, testDatabase } from './postgres/database.ts';
import { openPorts, type Ports, warm } from './redis/live-season.ts';

let db: TestDatabase;
let redis: Ports;
let settled: PostgresRankedReads;
beforeAll(async () => {
  [db, redis] = await Promise.all([testDatabase(), openPorts(inject('redisUrl'))]);
  settled = new PostgresRankedReads(db.postgres, 'settled_standings');
});
afterAll(async () => {
  redis.close();
  await db.close();
});

async function madeSeason(style: Style): Promise<LiveSeason> {
  const id = randomUUID();
  const board = boardSchema.parse({ id, title: 'Ranks', ...style });
  await db.boards.createBoard(board, 'tester');
  await db.boards.openSeason({ id, board: id, at: T0, by: 'tester' });
  return { id, board };
}

/** The same entries in Redis, as a flush leaves them, and as a settlement does. */
async function place(season: LiveSeason, given: readonly OrderKey[], model: PlacedModel): Promise<void> {
  const records = given.map(recordOf);
  await warm(redis, season, { records });
  await db.snapshot.write({ season: season.id, epoch: 1, records, watermark: undefined });
  if (given.length === 0) return;
  const rows = model.entries.map((entry) => ({
    ...{ season: season.id, rank: entry.place, player: entry.player },
    ...{
      score: String(entry.score),
      achieved_at: String(entry.achievedAt),
      columns_key: entry.columnsKey ?? '',
    },
  }));
  await db.sql`insert into settled_standings ${db.sql(rows)}`;
}

for (const style of STYLES)
  test(`[RD4] Redis, snapshot and settled standings answer the ranks of the model, page for page: ${style.ranking}, ${style.sortOrder}, ${style.columns.length} columns`, async () => {
    const pages = fc.array(pageOf(style), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(keysOf(style), pages, async (given, asked) => {
        const season = await madeSeason(style);
        const model = new PlacedModel(style, given);
        await place(season, given, model);
        const beginnings = given.flatMap((key): PageOf[] => [
          { limit: 3, from: { side: 'after', key } },
          { limit: 3, from: { side: 'before', key } },
        ]);
        for (const of of [{ limit: 100 }, ...asked, ...beginnings.slice(0, 6)]) {
          const expected = model.page(of);
          expect(await redis.live.page(season, of)).toEqual(expect.objectContaining(expected));
          expect(await db.snapshot.page(season, of)).toEqual(expected);
          expect(await settled.page(season, of)).toEqual(expected);
        }
        const players = [...given.map((key) => key.player), 'nobody'];
        const ranks = model.ranks(players);
        expect(await redis.live.ranks(season, players)).toEqual(expect.objectContaining(ranks));
        expect(await db.snapshot.ranks(season, players)).toEqual(ranks);
        expect(await settled.ranks(season, players)).toEqual(ranks);
        for (const player of players.slice(-3)) {
          const around = model.around({ player, above: 2, below: 1 });
          const of = { player, above: 2, below: 1 };
          expect(await redis.live.around(season, of)).toEqual(expect.objectContaining(around));
          expect(await db.snapshot.around(season, of)).toEqual(around);
          expect(await settled.around(season, of)).toEqual(around);
        }
      }),
      { numRuns: 20 },
    );
  });
