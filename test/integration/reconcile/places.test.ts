/** Hidden players, buckets and levels over both databases: flushes, rebuilds, rollback, reconciling. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LiveSeason } from '../../../server/src/board/live-board.ts';
import { PlayerHiding } from '../../../server/src/board/player-hiding.ts';
import { LevelsWatch } from '../../../server/src/flush/levels-watch.ts';
import { PostgresHidingStore } from '../../../server/src/postgres/hiding-store.ts';
import { PostgresRankedReads } from '../../../server/src/postgres/ranked-reads.ts';
import { bucketRank, seasonKeys } from '../../../server/src/redis/keys.ts';
import { RedisLiveHiding } from '../../../server/src/redis/live-hiding.ts';
import { silentLog } from '../postgres/database.ts';
import { taken, tickOf } from '../redis/live-season.ts';
import { keysIn, recordsIn, standingIn } from '../redis/standing-model.ts';
import { flush, flushedSeason, reconcile, type TwoSides, twoSides } from './two-sides.ts';

/** Past what a flushed season was played at. */
const LATER = 1_900_000_000_000;

let sides: TwoSides;
beforeAll(async () => {
  sides = await twoSides();
});
afterAll(() => sides.close());

const hidingOf = (season: LiveSeason) =>
  new PlayerHiding({
    store: new PostgresHidingStore(sides.db.postgres),
    live: new RedisLiveHiding(sides.ports.redis),
    catalogue: { board: async () => season.board },
    liveSeasons: async () => [season],
    log: silentLog,
  });

/** Forty players with ten different scores in buckets of three, two of them hidden, all flushed. */
async function full(): Promise<LiveSeason> {
  const season = await flushedSeason(sides, 40, {
    ...{ kind: 'open', operator: 'latest', ranking: 'dense', buckets: { size: 3 } },
  });
  const ticks = Array.from({ length: 40 }, (_, i) => tickOf(`p${i}`, i % 10, { at: LATER + i }));
  taken(await sides.ports.live.tick(season, ticks));
  await hidingOf(season).hide({ players: ['p5', 'p16', 'nobody'], board: season.board.id, by: 'boss' });
  await flush(sides, season);
  return season;
}

const standing = (season: LiveSeason) => standingIn(sides.ports, season);

describe('places over both databases', () => {
  test('[SP2, SP3, HI5] a season that lost its memory has the places that it had', async () => {
    const season = await full();
    const before = await standing(season);
    expect(before).toMatchObject({ unranked: ['p16', 'p5'] });
    expect(before.levels.map(([, , count]) => count)).toEqual([4, 4, 4, 3, 3, 4, 4, 4, 4, 4]);
    await sides.ports.redis.del(await keysIn(sides.ports, season));
    await sides.warmer.warm(season);
    expect(await standing(season)).toEqual(before);
    const { outcomes } = taken(await sides.ports.live.tick(season, [tickOf('late', 9), tickOf('p16', 20)]));
    expect(outcomes).toMatchObject([
      { rank: 1, bucket: '14' },
      { rank: 0, hidden: true, bucket: '6' },
    ]);
  });

  test('[SP2, RB6] a season that is set aside and merged keeps places that were never flushed', async () => {
    const season = await full();
    taken(await sides.ports.live.tick(season, [tickOf('new1', 3), tickOf('new2', 30)]));
    const before = await standing(season);
    await sides.warmer.heal(season, {});
    expect(await standing(season)).toEqual(before);
    await flush(sides, season);
    const rows = await sides.db.sql`
      select player, bucket from snapshot_entries where season = ${season.id} and bucket in ('14', '15') order by player`;
    expect([...rows]).toEqual([
      { player: 'new1', bucket: '14' },
      { player: 'new2', bucket: '14' },
      { player: 'p39', bucket: '14' },
    ]);
  });

  test('[SP5] Redis and Postgres read the same of a bucket, and the same bucket of a player', async () => {
    const season = await full();
    const stored = new PostgresRankedReads(sides.db.postgres, 'snapshot_entries');
    const { live } = sides.ports;
    for (const bucket of ['2', '6', '14', '15']) {
      const of = { ...season, bucket };
      const page = await live.page(of, { limit: 10 });
      expect(page).toMatchObject(await stored.page(of, { limit: 10 }));
      expect(page).toMatchObject({
        total: bucket === '15' ? 0 : bucket === '14' ? 1 : bucket === '2' || bucket === '6' ? 2 : 3,
      });
      const around = { player: 'p4', above: 5, below: 5 };
      expect(await live.around(of, around)).toMatchObject(await stored.around(of, around));
    }
    const players = ['p0', 'p5', 'p16', 'p17', 'p39', 'nobody'];
    const ranks = await stored.ranks(season, players);
    expect(await live.ranks(season, players)).toMatchObject(ranks);
    expect(ranks.entries.map((entry) => entry?.bucket)).toEqual(['1', '2', '6', '6', '14', undefined]);
    expect(ranks.entries[0]).toMatchObject({ bucketRank: 3 });
    expect(ranks.entries[1]).toMatchObject({ hidden: true });
  });

  test('[RK5] what stands in the wrong ranking, or in none, is found and put right', async () => {
    const season = await full();
    const before = await standing(season);
    expect(await reconcile(sides, season)).toMatchObject({ drifted: 0 });
    const { redis } = sides.ports;
    const keys = seasonKeys(season);
    const [first] = await redis.zrange(keys.rank, 0, '0');
    await redis.zrem(bucketRank(keys, '2'), ...(await redis.zrange(bucketRank(keys, '2'), 0, '0')));
    await redis.zadd(bucketRank(keys, '5'), 1, `${first}`);
    const hidden = (await recordsIn(sides.ports, season)).find(({ player }) => player === 'p5');
    await redis.zadd(keys.rank, -5, `${String(first).slice(0, 8)}stray`);
    await redis.srem(keys.unranked, 'p5');
    expect(hidden).toMatchObject({ hidden: true });
    const found = await reconcile(sides, season);
    expect(found.counts.misplaced).toBe(2);
    await flush(sides, season);
    expect(await reconcile(sides, season)).toMatchObject({ drifted: 0 });
    const { levels, ...after } = await standing(season);
    expect(after).toEqual({ ...before, levels: undefined });
    // A member that came and went behind the scripts' back was never counted, so that one level has lost one.
    expect(levels).toHaveLength(10);
  });

  test('[SP3] a board that begins to rank dense gets its levels, and loses nothing that was not flushed', async () => {
    const season = await flushedSeason(sides, 20, { kind: 'open', operator: 'latest' });
    taken(await sides.ports.live.tick(season, [tickOf('p1', 500, { at: LATER }), tickOf('x', 500)]));
    const dense: LiveSeason = { ...season, board: { ...season.board, ranking: 'dense' } };
    // Until then they are counted by walking.
    const walked = taken(await sides.ports.live.tick(dense, [tickOf('y', 20)]));
    expect(walked.outcomes).toMatchObject([{ rank: 2 }]);
    expect((await standing(dense)).levels).toEqual([]);
    const { builder } = sides.ports;
    const watch = new LevelsWatch({
      ...{ builder, warmer: sides.warmer, log: silentLog },
      liveSeasons: async () => [dense],
    });
    await watch.look();
    const { levels, rank } = await standing(dense);
    expect(rank).toHaveLength(22);
    expect(levels).toHaveLength(20);
    expect(levels.slice(0, 2)).toEqual([
      [500, '', 2],
      [20, '', 2],
    ]);
    expect(await builder.withoutLevels(dense)).toBe(undefined);
    expect(taken(await sides.ports.live.tick(dense, [tickOf('y', 501)])).outcomes).toMatchObject([
      { rank: 1 },
    ]);
    expect((await standing(dense)).levels).toHaveLength(21);
  });
});
