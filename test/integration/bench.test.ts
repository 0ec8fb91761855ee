/** The bench itself, on seasons of a few hundred entries: that it measures, not what. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seasonKeys } from '../../server/src/redis/keys.ts';
import { liveEntries } from '../bench/check.ts';
import { WrongResult } from '../bench/failure.ts';
import { runBench } from '../bench/run.ts';
import { QUICK, type Scale } from '../bench/scale.ts';
import { saturation, startTicking } from '../bench/ticking.ts';
import { type Services, startServices } from '../bench/world.ts';

const TINY: Scale = { ...QUICK, rounds: 1, warmMs: 50, measureMs: 150, players: 640, bytesEntries: 1_000 };
const RUN_TIMEOUT_MS = 120_000;

const ends: (() => unknown)[] = [];
let services: Services | undefined;
beforeEach(() => {
  services = undefined;
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await services?.stop();
});

test(
  '[BN4] a run starts all it needs, measures, checks every result, and ends all of it',
  async () => {
    const report = await runBench({
      ...{ scale: TINY, only: ['ack.single', 'redis.bytes'], program: 'source', tell: () => undefined },
    });
    expect(Object.keys(report.ratios)).toEqual(['ack.single', 'redis.bytes']);
    for (const ratio of Object.values(report.ratios)) expect(ratio.median).toBeGreaterThan(0);
    expect(report.details['ack.single']?.checked).toBe(TINY.players);
    expect(report.details['redis.bytes']?.checked).toBe(TINY.bytesEntries);
    expect(report.machine.redis).toMatch(/^\d+\.\d+/);
  },
  RUN_TIMEOUT_MS,
);

test(
  '[BN3] a score that is lost after its ack fails the check, in either store',
  async () => {
    services = await startServices({ program: 'source' });
    const world = await services.world();
    ends.push(() => world.end());
    const stage = { world, scale: TINY, onEnd: (end: () => unknown) => void ends.push(end) };
    const { product, season, client, check } = await startTicking(stage);
    const load = { name: 'ours', station: 'ours', pid: product.pid, unit: 'ticks/s' };
    expect((await saturation(stage, client, load).measure(1)).value).toBeGreaterThan(0);
    expect(await check()).toBe(TINY.players);

    await world.sql`update snapshot_entries set score = score - 1 where player = 'player-000000007'`;
    await expect(check()).rejects.toThrow(WrongResult);
    await world.sql`update snapshot_entries set score = score + 1 where player = 'player-000000007'`;
    await check();

    const { rank } = seasonKeys(season);
    const [first] = (await world.redis.call('ZRANGE', rank, 0, 0)) as string[];
    await world.redis.zincrby(rank, 1, first ?? '');
    expect((await liveEntries(world, season)).length).toBe(TINY.players);
    await expect(check()).rejects.toThrow(WrongResult);
  },
  RUN_TIMEOUT_MS,
);
