import { Fault } from '@photofinish/shared/protocol/errors';
import { nanoid } from 'nanoid';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LiveSeason, TickBatchResult } from '../../../server/src/board/live-board.ts';
import { type EvictionCause, Evictor } from '../../../server/src/flush/evictor.ts';
import { whenWarm } from '../../../server/src/flush/warmer.ts';
import { seasonKeys } from '../../../server/src/redis/keys.ts';
import { RedisWarmSeasons } from '../../../server/src/redis/warm-seasons.ts';
import { must } from '../../support/admin.ts';
import { until } from '../../support/condition.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { openWire } from '../../support/wire.ts';
import { silentLog } from '../postgres/database.ts';
import { taken, tickOf } from '../redis/live-season.ts';
import { flush, flushedSeason, sidesOf, type TwoSides, twoSides } from './two-sides.ts';

let sides: TwoSides;
let warmSeasons: RedisWarmSeasons;
beforeAll(async () => {
  sides = await twoSides();
  warmSeasons = new RedisWarmSeasons(sides.ports.redis);
});
afterAll(() => sides.close());

const running: ServerProcess[] = [];
afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
});

/** Sends it again while it is refused, as a client does: this season leaves memory as often as it comes back. */
async function untilTaken(tick: () => Promise<TickBatchResult>): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++)
    try {
      taken(await tick());
      return;
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'UNAVAILABLE') throw error;
    }
  throw new Error('not taken in 1,000 tries');
}

const isWarm = (season: LiveSeason) => sides.ports.builder.isWarm(season);

async function positionOf(season: LiveSeason) {
  const window = await sides.ports.live.window(season);
  if (window.kind === 'cold') throw new Error('cold');
  return { epoch: window.epoch, version: window.version };
}

function evictor(season: LiveSeason, more: { idleMs?: number; owner?: string; parked?: () => number } = {}) {
  const evicted: EvictionCause[] = [];
  const { idleMs = 0, owner = nanoid(), parked = () => 0 } = more;
  const sweeper = new Evictor({
    live: sides.ports.live,
    warm: warmSeasons,
    parking: { list: async () => ({ total: parked(), failures: [] }) },
    flusher: { drain: async () => void (await flush(sides, season)) },
    queue: sides.ports.queue,
    liveSeasons: async () => [season],
    ...{ owner, leaseMs: 60_000, idleMs, log: silentLog },
    observer: { evicted: (cause) => evicted.push(cause) },
  });
  return { evicted, sweep: () => sweeper.sweep() };
}

describe('eviction', () => {
  test('[EV1] a season that stays unchanged for its time is flushed and taken out; one that changes is not', async () => {
    const season = await flushedSeason(sides, 30);
    const late = evictor(season, { idleMs: 60_000, owner: 'one' });
    await late.sweep();
    await late.sweep();
    expect(await isWarm(season)).toBe(true);
    taken(await sides.ports.live.tick(season, [tickOf('p1', 900)]));
    const { evicted, sweep } = evictor(season, { owner: 'one' });
    await sweep();
    expect(evicted).toEqual(['idle']);
    const { rank, entries, dirty, claim, meta } = seasonKeys(season);
    expect(await sides.ports.redis.exists(rank, entries, dirty, claim, meta)).toBe(0);
    await sides.warmer.warm(season);
    const { live, stored } = await sidesOf(sides, season);
    expect(live).toEqual(stored);
    expect(live.find(([player]) => player === 'p1')?.[1]).toBe(900);
  });

  test('[EV6] a season with a parked row stays, and leaves once there is none', async () => {
    const season = await flushedSeason(sides, 3);
    let parked = 1;
    const { evicted, sweep } = evictor(season, { parked: () => parked });
    await sweep();
    expect([evicted, await isWarm(season)]).toEqual([[], true]);
    parked = 0;
    await sweep();
    expect([evicted, await isWarm(season)]).toEqual([['idle'], false]);
  });

  test('[EV1] a closed season leaves soon, and Redis lists what it holds', async () => {
    const season = await flushedSeason(sides, 3);
    expect(await warmSeasons.ids()).toContain(season.id);
    await sides.ports.live.setState(season, 'closed');
    const { evicted, sweep } = evictor(season);
    await sweep();
    expect(evicted).toEqual(['closed']);
    expect(await warmSeasons.ids()).not.toContain(season.id);
  });

  test('[EV2] dirty, claimed, changed since, of another epoch, of another lease: not taken out', async () => {
    const season = await flushedSeason(sides, 3);
    const clean = await positionOf(season);
    expect(await warmSeasons.evict(season, { ...clean, epoch: clean.epoch + 1 })).toBe(false);
    taken(await sides.ports.live.tick(season, [tickOf('p0', 70)]));
    expect(await warmSeasons.evict(season, clean), 'changed').toBe(false);
    expect(await warmSeasons.evict(season, await positionOf(season)), 'dirty').toBe(false);
    await sides.ports.queue.claim(season);
    expect(await warmSeasons.evict(season, await positionOf(season)), 'claimed').toBe(false);
    await flush(sides, season);
    await sides.ports.queue.lease(season, 'another', 60_000);
    const { evicted, sweep } = evictor(season, { owner: 'me' });
    await sweep();
    expect({ evicted, warm: await isWarm(season) }).toEqual({ evicted: [], warm: true });
    expect(await warmSeasons.evict(season, await positionOf(season))).toBe(true);
  });

  test('[EV3] deltas that race with flushes and evictions are all counted, once', async () => {
    const season = await flushedSeason(sides, 0, { kind: 'open', operator: 'sum' });
    const { ports, warmer } = sides;
    const players = ['ann', 'bea', 'cleo'];
    const acked = new Map<string, number>();
    let playing = true;
    const play = async (player: string) => {
      for (let seq = 1; seq <= 150; seq++) {
        const tick = tickOf(player, 0, { score: undefined, delta: seq, seq, writer: player });
        await untilTaken(() => whenWarm(warmer, season, () => ports.live.tick(season, [tick])));
        acked.set(player, (acked.get(player) ?? 0) + seq);
        // Gaps of uneven length, in which an eviction fits sometimes whole and sometimes half.
        for (let turn = (seq * 37 + player.length * 5) % 151; turn > 0; turn--) await ports.redis.ping();
      }
    };
    let evictions = 0;
    const evict = async () => {
      for (let turn = 0; playing && turn < 100_000; turn++) {
        await flush(sides, season);
        const window = await ports.live.window(season);
        if (window.kind === 'cold') continue;
        if (await warmSeasons.evict(season, window)) evictions++;
      }
    };
    const evicting = evict();
    await Promise.all(players.map(play)).finally(() => {
      playing = false;
    });
    await evicting;
    await warmer.warm(season);
    await flush(sides, season);
    const { live, stored } = await sidesOf(sides, season);
    expect(evictions, 'it was taken out under ticks').toBeGreaterThan(5);
    expect(stored).toEqual(live);
    expect(Object.fromEntries(live.map(([player, score]) => [player, score]))).toEqual(
      Object.fromEntries(acked),
    );
  });

  test('[EV4] an idle open season is rebuilt by the next look, a closed one is read from the snapshot', async () => {
    const server = await startServer({ env: { EVICT_IDLE_MS: '1000' } });
    running.push(server);
    await must(server, 'POST', '/v1/admin/boards', {
      id: 'likes',
      title: 'Likes',
      kind: 'open',
      operator: 'sum',
    });
    const host = await openWire(server.url, await server.token('server', 'host'));
    const { season } = (await must(server, 'GET', '/v1/boards/likes/seasons')).seasons.map(
      (one: { id: string }) => ({ season: one.id }),
    )[0];
    await host.ok({ type: 'tick', board: 'likes', player: 'ada', delta: 3, seq: 1 });
    const gone = (times: number) =>
      until('the season is evicted', async () => {
        const text = await (await fetch(`${server.url}/metrics`)).text();
        const counts = [...text.matchAll(/^photofinish_evict_seasons_total\{.*\} (\d+)$/gm)];
        return counts.reduce((sum, [, count]) => sum + Number(count), 0) === times;
      });
    await gone(1);
    expect(await host.ok({ type: 'tick', board: 'likes', player: 'ada', delta: 4, seq: 2 })).toMatchObject({
      rank: 1,
      score: 7,
    });
    expect(await host.ok({ type: 'tick', board: 'likes', player: 'ada', delta: 3, seq: 1 })).toMatchObject({
      score: 7,
    });
    await must(server, 'POST', `/v1/admin/seasons/${season}/close`, {});
    await gone(2);
    expect(await must(server, 'GET', `/v1/boards/likes/top?limit=5&season=${season}`)).toMatchObject({
      source: 'snapshot',
      entries: [{ player: 'ada', rank: 1, score: 7 }],
    });
  });

  test('[EV5] a season that closed long ago with entries only in Redis is flushed and evicted by the next server', async () => {
    const first = await startServer({ env: { FLUSH_LEASE_MS: '500' } });
    running.push(first);
    await must(first, 'POST', '/v1/admin/boards', {
      ...{ id: 'old', title: 'Old', kind: 'open' },
      flush: { intervalMs: 60_000 },
    });
    const host = await openWire(first.url, await first.token('server', 'host'));
    await host.ok({ type: 'tick', board: 'old', player: 'ada', score: 42, seq: 1 });
    const [season] = (await must(first, 'GET', '/v1/boards/old/seasons')).seasons;
    await first.kill('SIGKILL');
    const { default: postgres } = await import('postgres');
    const sql = postgres(first.databaseUrl, { max: 1, onnotice: () => undefined });
    try {
      expect(await sql`select 1 from snapshot_entries where season = ${season.id}`).toHaveLength(0);
      await sql`update seasons set state = 'closed', closing_at = 1000, closed_at = 1000 where id = ${season.id}`;
      running.push(
        await startServer({ ...first, redisUrl: inject('redisUrl'), env: { EVICT_IDLE_MS: '1000' } }),
      );
      await until('its entry is in Postgres', async () => {
        const rows = await sql`select score from snapshot_entries where season = ${season.id}`;
        return rows.length === 1 && Number(rows[0]?.['score']) === 42;
      });
      await until('it has left Redis', async () => !(await warmSeasons.ids()).includes(season.id));
    } finally {
      await sql.end();
    }
  });
});
