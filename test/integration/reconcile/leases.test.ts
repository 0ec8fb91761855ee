import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LiveSeason } from '../../../server/src/board/live-board.ts';
import { seasonKeys } from '../../../server/src/redis/keys.ts';
import { coldSeason, openPorts, type Ports } from '../redis/live-season.ts';

let ports: Ports;
beforeAll(async () => {
  ports = await openPorts(inject('redisUrl'));
});
afterAll(() => ports.close());

const TTL_MS = 60_000;
const many = (count: number): LiveSeason[] => Array.from({ length: count }, () => coldSeason());

/** Every owner asks for every season, twice: once to be seen, once to settle. @returns who holds what */
async function asked(
  seasons: readonly LiveSeason[],
  owners: readonly string[],
): Promise<Map<string, string>> {
  const holders = new Map<string, string>();
  for (let round = 0; round < 2; round++)
    for (const owner of owners)
      for (const season of seasons) {
        if (!(await ports.queue.lease(season, owner, TTL_MS))) continue;
        expect(await ports.redis.get(seasonKeys(season).lease)).toBe(owner);
        holders.set(season.id, owner);
      }
  return holders;
}

const shareOf = (holders: ReadonlyMap<string, string>, owner: string): string[] =>
  [...holders].filter(([, holder]) => holder === owner).map(([id]) => id);

describe('leases', () => {
  test('[LE1] seasons are spread over the servers, one server to a season', async () => {
    const seasons = many(90);
    const holders = await asked(seasons, ['a', 'b', 'c']);
    expect(holders.size).toBe(90);
    for (const owner of ['a', 'b', 'c']) expect(shareOf(holders, owner).length).toBeGreaterThan(12);
    for (const season of seasons) {
      const holder = await ports.redis.get(seasonKeys(season).lease);
      expect(holder).toBe(holders.get(season.id));
    }
  });

  test('[LE2] who joins gets a share handed over, who leaves gives it back, and nothing else moves', async () => {
    const seasons = many(60);
    const alone = await asked(seasons, ['a']);
    expect(shareOf(alone, 'a')).toHaveLength(60);
    const both = await asked(seasons, ['a', 'b']);
    expect(shareOf(both, 'b').length).toBeGreaterThan(10);
    const three = await asked(seasons, ['a', 'b', 'c']);
    for (const id of shareOf(three, 'a')) expect(both.get(id)).toBe('a');
    for (const id of shareOf(three, 'b')) expect(both.get(id)).toBe('b');
    for (const season of seasons) await ports.queue.release(season, 'c');
    expect(await asked(seasons, ['a', 'b'])).toEqual(both);
  });

  test('[LE2] the seasons of a server that died are taken over when its lease and its membership are over', async () => {
    const seasons = many(20);
    const before = await asked(seasons, ['dead', 'alive']);
    expect(shareOf(before, 'dead').length).toBeGreaterThan(2);
    for (const season of seasons) {
      const { lease, crew } = seasonKeys(season);
      expect(await ports.redis.pttl(crew)).toBeGreaterThan(TTL_MS);
      // Time passes: what the dead server left ends.
      await ports.redis.zadd(crew, 1, 'dead');
      if (before.get(season.id) === 'dead') await ports.redis.del(lease);
    }
    expect(shareOf(await asked(seasons, ['alive']), 'alive')).toHaveLength(20);
  });
});
