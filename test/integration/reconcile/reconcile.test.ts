import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LiveSeason } from '../../../server/src/board/live-board.ts';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { type DriftKind, Reconciling } from '../../../server/src/flush/reconcile.ts';
import { Reconciler } from '../../../server/src/flush/reconciler.ts';
import { packEntry, unpackEntry } from '../../../server/src/redis/entry-record.ts';
import { seasonKeys } from '../../../server/src/redis/keys.ts';
import { madeMatch, silentLog } from '../postgres/database.ts';
import { T0, taken, tickOf } from '../redis/live-season.ts';
import { flush, flushedSeason, keyOf, reconcile, sidesOf, type TwoSides, twoSides } from './two-sides.ts';

let sides: TwoSides;
beforeAll(async () => {
  sides = await twoSides();
});
afterAll(() => sides.close());

async function changeRecord(season: LiveSeason, player: string, change: Partial<EntryRecord>) {
  const key = seasonKeys(season).entries;
  const packed = await sides.ports.redis.hgetBuffer(key, player);
  if (!packed) throw new Error(`no ${player}`);
  await sides.ports.redis.hset(key, player, packEntry({ ...unpackEntry(player, packed), ...change }));
}

/** Finds it, repairs it, and finds nothing more once the repair is flushed. */
async function foundAndRepaired(season: LiveSeason, counts: Partial<Record<DriftKind, number>>) {
  const seen = await reconcile(sides, season, { repair: false });
  expect(seen).toMatchObject({ kind: 'compared', counts, repaired: 0 });
  expect(seen.drifted).toBe(Object.values(counts).reduce((sum, count) => sum + count, 0));
  const repaired = await reconcile(sides, season);
  expect(repaired).toMatchObject({ counts });
  expect(repaired.repaired).toBeGreaterThan(0);
  for (let pass = 0; pass < 2; pass++) {
    await flush(sides, season);
    await reconcile(sides, season);
  }
  expect(await reconcile(sides, season, { repair: false })).toMatchObject({ drifted: 0, leftOut: 0 });
  const { live, stored } = await sidesOf(sides, season);
  expect(stored).toEqual(live);
}

describe('reconciling', () => {
  test('[RK1] finds nothing where Redis and the snapshot say the same, over many pages', async () => {
    const season = await flushedSeason(sides, 1_700);
    expect(await reconcile(sides, season)).toMatchObject({
      drifted: 0,
      rows: 1_700,
      leftOut: 0,
      repaired: 0,
    });
  });

  test('[RK2] a row that is missing, older or different is written again', async () => {
    const season = await flushedSeason(sides, 900);
    await sides.db.sql`delete from snapshot_entries where season = ${season.id} and player in ('p1', 'p2')`;
    await sides.db
      .sql`update snapshot_entries set rev = rev - 1, score = 0 where season = ${season.id} and player = 'p3'`;
    await sides.db.sql`update snapshot_entries set score = 77 where season = ${season.id} and player = 'p4'`;
    await foundAndRepaired(season, { 'row-missing': 2, 'row-older': 1, 'row-differs': 1 });
    expect((await sidesOf(sides, season)).live.find(([player]) => player === 'p4')?.[1]).toBe(5);
  });

  test('[RK3] an entry that is missing is merged back, and a row that is newer brings it forward', async () => {
    const season = await flushedSeason(sides, 600);
    const keys = seasonKeys(season);
    await sides.ports.redis.hdel(keys.entries, 'p7');
    await sides.db.sql`update snapshot_entries set rev = 9000, score = 5000, provisional = 5000
      where season = ${season.id} and player = 'p8'`;
    await foundAndRepaired(season, { 'entry-missing': 1, 'entry-older': 1, stray: 1 });
    const { live } = await sidesOf(sides, season);
    expect(live.find(([player]) => player === 'p7')?.[1]).toBe(8);
    expect(live.find(([player]) => player === 'p8')?.[1]).toBe(5_000);
    taken(await sides.ports.live.tick(season, [tickOf('p8', 6_000)]));
    expect(await flush(sides, season), 'the version has passed the newer row').toMatchObject({
      rows: 1,
      refused: 0,
    });
  });

  test('[RK4] a final that Redis lost is merged from the standing; one that is under way is left to its own repair', async () => {
    const season = await flushedSeason(sides, 3, { kind: 'match' });
    const match = await madeMatch(sides.db, season.board, 2);
    const [result] = await sides.db.finals.write([
      { match: match.id, finals: [{ player: 'p0', score: 50 }], end: false, at: T0 + 5_000 },
    ]);
    expect(await reconcile(sides, season)).toMatchObject({ drifted: 0 });
    await sides.db.finals.markLive([(result?.kind === 'stored' && result.pending) || '']);
    await foundAndRepaired(season, { 'final-missing': 1 });
    expect((await sidesOf(sides, season)).live.find(([player]) => player === 'p0')).toEqual([
      'p0',
      50,
      T0 + 5_000,
      1,
    ]);
  });

  test('[RK5] an entry that is ranked otherwise than its record says is ranked anew, and a member without one goes', async () => {
    const season = await flushedSeason(sides, 800);
    const { rank } = seasonKeys(season);
    const [first] = await sides.ports.redis.zrange(rank, 0, '0');
    await sides.ports.redis.zadd(rank, 5, `${first}`);
    await sides.ports.redis.zadd(rank, 1, `${String(first).slice(0, 8)}nobody`);
    await foundAndRepaired(season, { misplaced: 1, stray: 1 });
  });

  test('[RK6] what is dirty or claimed is left out, and an entry without rank or row that is dirty is no drift', async () => {
    const season = await flushedSeason(sides, 5);
    taken(await sides.ports.live.tick(season, [tickOf('p1', 100), tickOf('new', 1)]));
    expect(await reconcile(sides, season)).toMatchObject({ drifted: 0, leftOut: 2 });
    await sides.ports.queue.claim(season);
    taken(await sides.ports.live.tick(season, [tickOf('p2', 200)]));
    expect(await reconcile(sides, season)).toMatchObject({ drifted: 0, leftOut: 3 });
  });

  test('[RK6] under ticks and flushes nothing is called drift', async () => {
    const season = await flushedSeason(sides, 1_200);
    let playing = true;
    let score = 10_000;
    const play = async () => {
      for (let turn = 0; playing && turn < 5_000; turn++) {
        const ticks = Array.from({ length: 40 }, (_, i) =>
          tickOf(`p${(turn * 37 + i * 11) % 1_300}`, score++),
        );
        taken(await sides.ports.live.tick(season, ticks));
      }
    };
    const write = async () => {
      for (let turn = 0; playing && turn < 5_000; turn++) await flush(sides, season);
    };
    const work = Promise.all([play(), write()]);
    let leftOut = 0;
    for (let pass = 0; pass < 12; pass++) {
      const found = await reconcile(sides, season);
      expect(found.drift).toEqual([]);
      leftOut += found.leftOut;
    }
    playing = false;
    await work;
    expect(leftOut, 'there was something under way').toBeGreaterThan(0);
    await flush(sides, season);
    expect(await reconcile(sides, season)).toMatchObject({ drifted: 0, rows: 1_300 });
  });

  test('[RK7] a cold season has nothing to compare, and a pass ends when the season begins another epoch', async () => {
    const season = await flushedSeason(sides, 700);
    const pass = new Reconciling(season, sides.parts, { repair: true });
    expect(await pass.step()).toBe(true);
    const { redis } = sides.ports;
    const { rank, entries, meta } = seasonKeys(season);
    await redis.del(rank, entries, meta);
    expect(await reconcile(sides, season)).toMatchObject({ kind: 'cold', drifted: 0 });
    await sides.warmer.warm(season);
    while (await pass.step());
    expect(pass.found).toMatchObject({ kind: 'moved', repaired: 0 });
    expect(await reconcile(sides, season), 'rows of the older epoch are as good').toMatchObject({
      drifted: 0,
      rows: 700,
    });
  });

  test('[RK8] a repair leaves an entry alone that changed since it was read', async () => {
    const season = await flushedSeason(sides, 2);
    const { live } = sides.parts;
    const page = await live.scan(season, '0', 10);
    if (page.kind !== 'ok') throw new Error('cold');
    taken(await sides.ports.live.tick(season, [tickOf('p0', 500, { matchKey: keyOf(season) })]));
    const healings = page.clean.map(({ record }) => ({ record, seen: record.rev }));
    expect(await live.heal(season, { epoch: page.epoch, now: T0, floor: 0 }, healings)).toBe(1);
    expect(await live.heal(season, { epoch: page.epoch + 1, now: T0, floor: 0 }, healings)).toBe(0);
    await flush(sides, season);
    expect((await sidesOf(sides, season)).stored.map(([, score]) => score)).toEqual([500, 2]);
  });

  test('[RK9] the server that holds the lease reconciles in shares, counts what it found, and another does not', async () => {
    const season = await flushedSeason(sides, 300);
    await changeRecord(season, 'p5', { rev: 3_000 });
    const passed: number[] = [];
    const drift: number[] = [];
    const reconciler = (owner: string) =>
      new Reconciler({
        ...sides.parts,
        queue: sides.ports.queue,
        liveSeasons: async () => [season],
        random: () => 0,
        log: silentLog,
        observer: {
          passed: ({ found }) => passed.push(found.counts['row-older']),
          drift: (entries) => drift.push(entries),
          failed: () => drift.push(-1),
        },
        owner,
        leaseMs: 60_000,
        intervalMs: 60_000,
      });
    const first = reconciler('first');
    await first.run();
    await flush(sides, season);
    await first.run();
    expect({ passed, drift }).toEqual({ passed: [1, 0], drift: [1, 0] });
    await reconciler('second').run();
    expect(passed).toHaveLength(2);
  });
});
