/** Live seasons follow the list of hidden players in Postgres. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LiveSeason } from '../../../server/src/board/live-board.ts';
import type { LiveHiding } from '../../../server/src/board/live-hiding.ts';
import { HIDING_PLAYERS_MAX, PlayerHiding } from '../../../server/src/board/player-hiding.ts';
import { PostgresHidingStore } from '../../../server/src/postgres/hiding-store.ts';
import { seasonKeys } from '../../../server/src/redis/keys.ts';
import { RedisLiveHiding } from '../../../server/src/redis/live-hiding.ts';
import { silentLog } from '../postgres/database.ts';
import { taken, tickOf } from '../redis/live-season.ts';
import { keysIn } from '../redis/standing-model.ts';
import { flush, flushedSeason, type TwoSides, twoSides } from './two-sides.ts';

let sides: TwoSides;
let store: PostgresHidingStore;
let redis: RedisLiveHiding;
beforeAll(async () => {
  sides = await twoSides();
  store = new PostgresHidingStore(sides.db.postgres);
  redis = new RedisLiveHiding(sides.ports.redis);
});
afterAll(() => sides.close());

const hidingOf = (season: LiveSeason, live: LiveHiding = redis) =>
  new PlayerHiding({
    ...{ store, live, log: silentLog },
    catalogue: { board: async () => season.board },
    liveSeasons: async () => [season],
  });

const topOf = async (season: LiveSeason) => {
  const read = await sides.ports.live.page(season, { limit: 100 });
  return read.kind === 'ok' ? { total: read.total, players: read.entries.map(({ player }) => player) } : read;
};

async function played(scores: Record<string, number>): Promise<LiveSeason> {
  const season = await flushedSeason(sides, 0);
  const ticks = Object.entries(scores).map(([player, score]) => tickOf(player, score));
  taken(await sides.ports.live.tick(season, ticks));
  await flush(sides, season);
  return season;
}

describe('a live season', () => {
  test('[HI4, HI6] a hidden player leaves the ranks at once, keeps the score, and comes back as it is then', async () => {
    const season = await played({ 'h4-a': 3, 'h4-b': 2, 'h4-c': 1 });
    const hiding = hidingOf(season);
    const of = { players: ['h4-a', 'h4-new'], board: season.board.id, by: 'boss' };
    expect(await hiding.hide(of)).toEqual({ changed: 2, live: 'applied' });
    expect(await topOf(season)).toEqual({ total: 2, players: ['h4-b', 'h4-c'] });
    const { outcomes } = taken(
      await sides.ports.live.tick(season, [tickOf('h4-a', 5), tickOf('h4-new', 9), tickOf('h4-c', 4)]),
    );
    expect(outcomes).toMatchObject([
      { rank: 0, score: 5, hidden: true, improved: true },
      { rank: 0, score: 9, hidden: true, improved: true },
      { rank: 1, score: 4 },
    ]);
    expect(await topOf(season)).toEqual({ total: 2, players: ['h4-c', 'h4-b'] });
    await hiding.unhide(of);
    expect(await topOf(season)).toEqual({ total: 4, players: ['h4-new', 'h4-a', 'h4-c', 'h4-b'] });
  });

  test('[HI5] what Redis could not be told is found by the next look', async () => {
    const season = await played({ 'h5-a': 3, 'h5-b': 2 });
    const gone: LiveHiding = {
      version: (of) => redis.version(of),
      hidden: (of) => redis.hidden(of),
      setHidden: async () => {
        throw new Error('redis is away');
      },
    };
    const of = { players: ['h5-a'], board: season.board.id, by: 'boss' };
    expect(await hidingOf(season, gone).hide(of)).toEqual({ changed: 1, live: 'pending' });
    expect(await topOf(season)).toMatchObject({ total: 2 });
    await hidingOf(season).look();
    expect(await topOf(season)).toEqual({ total: 1, players: ['h5-b'] });
    await hidingOf(season, gone).unhide(of);
    await hidingOf(season).look();
    expect(await topOf(season)).toEqual({ total: 2, players: ['h5-a', 'h5-b'] });
  });

  test('[HI5] a rebuilt season begins with the list, also with one who never had a score', async () => {
    const season = await played({ 'h5r-a': 3, 'h5r-b': 2 });
    await hidingOf(season).hide({ players: ['h5r-b', 'h5r-late'], board: season.board.id, by: 'boss' });
    await sides.ports.redis.del(await keysIn(sides.ports, season));
    await sides.warmer.warm(season);
    taken(
      await sides.ports.live.tick(season, [tickOf('h5r-late', 9), tickOf('h5r-b', 8), tickOf('h5r-a', 1)]),
    );
    expect(await topOf(season)).toEqual({ total: 1, players: ['h5r-a'] });
    expect(await redis.version(season)).toEqual({
      kind: 'ok',
      version: (await store.versions([season.board.id]))[0],
    });
  });

  test('[HI5] a change that comes late, after a newer list, does nothing; a cold season stays cold', async () => {
    const season = await played({ 'h5l-a': 3 });
    const told = { hide: [], show: [], version: 7, after: -1 };
    const version = (await redis.version(season)) as { version: number };
    expect(await redis.setHidden(season, { ...told, after: version.version })).toEqual({
      kind: 'ok',
      version: 7,
    });
    expect(await redis.setHidden(season, { ...told, hide: ['h5l-a'], version: 6, after: 5 })).toEqual({
      kind: 'ok',
      version: 7,
    });
    expect(await topOf(season)).toMatchObject({ total: 1 });
    await sides.ports.redis.del(await keysIn(sides.ports, season));
    expect(await redis.setHidden(season, { ...told, hide: ['h5l-a'], version: 9 })).toEqual({ kind: 'cold' });
    expect(await keysIn(sides.ports, season)).toEqual([]);
  });

  test('[HI5] more players than one step takes are told in several', async () => {
    const season = await played({ 'h5m-a': 3 });
    const players = Array.from({ length: HIDING_PLAYERS_MAX * 2 + 5 }, (_, i) => `h5m-${i}`);
    for (let i = 0; i < players.length; i += HIDING_PLAYERS_MAX)
      await store.change({
        ...{ players: players.slice(i, i + HIDING_PLAYERS_MAX), hidden: true, by: 'boss' },
        board: season.board.id,
      });
    await hidingOf(season).look();
    const { redis: client } = sides.ports;
    expect(await client.smismember(seasonKeys(season).hidden, ...players)).not.toContain(0);
    await expect(hidingOf(season).hide({ players, by: 'boss' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });

  test('[HI4] readers see that something changed: the version of the season grows', async () => {
    const season = await played({ 'h4v-a': 3, 'h4v-b': 2 });
    const before = await sides.ports.live.window(season);
    await hidingOf(season).hide({ players: ['h4v-a'], board: season.board.id, by: 'boss' });
    const after = await sides.ports.live.window(season);
    expect(after).toMatchObject({ version: (before as { version: number }).version + 1, total: 1 });
  });
});
