/** A player is deleted: the history stays under a pseudonym, nobody else moves, and nothing tells who it was. */
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresPlayerDeletionStore } from '../../../server/src/postgres/player-deletion-store.ts';
import { PLAYER_TABLES } from '../../../server/src/postgres/player-tables.ts';
import { call, must } from '../../support/admin.ts';
import { assertAgreement } from '../../support/agreement.ts';
import { until } from '../../support/condition.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { openWire } from '../../support/wire.ts';
import { connect } from '../postgres/database.ts';

/** Nothing else in the databases holds this text. */
const WHO = 'mallory-the-deleted';

let server: ServerProcess;
let sql: postgres.Sql;

beforeAll(async () => {
  server = await startServer({ env: { DATABASE_TIMEOUT_MS: '1000', REDIS_TIMEOUT_MS: '500' } });
  sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql?.end();
  await server?.stop();
});

/** Every row of every table that has the text anywhere. */
async function traces(text: string): Promise<string[]> {
  const tables =
    await sql`select table_name as name from information_schema.tables where table_schema = 'public'`;
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await sql`select t::text as row from ${sql(name)} as t where strpos(t::text, ${text}) > 0`;
    found.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  return found;
}

/** The same of Redis, over the keys of one board's seasons. */
async function liveTraces(board: string, text: string): Promise<string[]> {
  const redis = new Redis(server.redisUrl);
  try {
    const found: string[] = [];
    for (const key of await redis.keys(`pf:{${board}:*`)) {
      const type = await redis.type(key);
      const held =
        type === 'hash'
          ? Object.entries(await redis.hgetall(key)).flat()
          : type === 'set'
            ? await redis.smembers(key)
            : type === 'zset'
              ? await redis.zrange(key, '0', '-1')
              : [(await redis.get(key)) ?? ''];
      if (held.some((value) => value.includes(text))) found.push(key);
    }
    return found;
  } finally {
    redis.disconnect();
  }
}

const top = async (board: string, season = '') =>
  (await must(server, 'GET', `/v1/boards/${board}/top?limit=100${season && `&season=${season}`}`))
    .entries as {
    rank: number;
    player: string;
    score: number;
  }[];

const withoutIds = (entries: { rank: number; player: string; score: number }[]) =>
  entries.map(({ rank, player, score }) => [
    rank,
    score,
    player === WHO || player.includes('deleted-') ? '?' : player,
  ]);

describe('a deleted player', () => {
  test('[PL5] [PL10] is named nowhere, in live, closed and settled seasons, and every other rank stays', async () => {
    const host = await openWire(server.url, await server.token('server', 'host'));
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: 'arena', title: 'Arena', finals: { graceSeconds: 0 } },
      ...{ prizes: { bands: [{ from: 1, to: 3, amountMinor: 500 }] } },
    });
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: 'free', title: 'Free', kind: 'open', ranking: 'competition' },
      ...{ flush: { intervalMs: 600_000 }, ticks: { maxPerSecond: 1_000 } },
    });
    await fetch(`${server.url}/v1/players/${WHO}`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${await server.token('server', 'host')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'Mallory' }),
    });

    const { match } = await host.ok({ type: 'match.start', board: 'arena' });
    await host.ok({
      type: 'match.end',
      match,
      finals: ['ann', WHO, 'zoe'].map((player, i) => ({
        ...{ player, score: 30 - 10 * i },
      })),
    });
    const [settled] = (await must(server, 'GET', '/v1/boards/arena/seasons')).seasons;
    await must(server, 'PUT', `/v1/admin/seasons/${settled.id}/settlement`);
    const settlement = await must(server, 'GET', `/v1/admin/seasons/${settled.id}/settlement`);
    await must(server, 'POST', '/v1/admin/boards/arena/seasons');
    const again = await host.ok({ type: 'match.start', board: 'arena' });
    for (const [player, score] of [
      ['ann', 5],
      [WHO, 9],
    ] as const)
      await host.ok({ type: 'tick', match: again.match, player, score });

    // Equal scores of one millisecond, on both sides of the player's id.
    const ticks = ['aaa', 'm', WHO, 'mallory-the-deletee', 'zzz'].map((player) => ({ player, score: 7 }));
    await host.ok({ type: 'ticks', board: 'free', ticks });
    const self = await openWire(server.url, await server.token('player', WHO));
    await self.ok({ type: 'tick', board: 'free', score: 7, seq: 1 });
    const before = {
      free: withoutIds(await top('free')),
      arena: withoutIds(await top('arena')),
      settled: withoutIds(await top('arena', settled.id)),
    };
    await must(server, 'POST', '/v1/admin/players/hide', { players: [WHO, 'ann'], board: 'arena' });
    await must(server, 'POST', '/v1/admin/players/unhide', { players: [WHO, 'ann'], board: 'arena' });
    expect((await traces(WHO)).length).toBeGreaterThan(5);

    expect(await must(server, 'DELETE', `/v1/admin/players/${WHO}`)).toEqual({
      player: WHO,
      state: 'erased',
    });
    const left = (await traces(WHO)).filter((trace) => !trace.startsWith('player_deletions'));
    expect(left).toEqual([]);
    expect(await traces('Mallory')).toEqual([]);
    for (const board of ['free', 'arena']) expect(await liveTraces(board, WHO)).toEqual([]);
    expect({
      free: withoutIds(await top('free')),
      arena: withoutIds(await top('arena')),
      settled: withoutIds(await top('arena', settled.id)),
    }).toEqual(before);
    await assertAgreement(
      server,
      'free',
      (await must(server, 'GET', '/v1/boards/free/seasons')).seasons[0].id,
    );
    await assertAgreement(
      server,
      'arena',
      (await must(server, 'GET', '/v1/boards/arena/seasons')).seasons[0].id,
    );
    expect((await host.ok({ type: 'rank', board: 'free', players: [WHO] })).entries).toEqual([
      { player: WHO, rank: null },
    ]);

    const after = await must(server, 'GET', `/v1/admin/seasons/${settled.id}/settlement`);
    expect(after).toMatchObject({ id: settlement.id, sha256: settlement.sha256, amountMinor: 1_500 });
    expect(after.sha256Now).toMatch(/^[0-9a-f]{64}$/);
    expect(after.sha256Now).not.toBe(settlement.sha256);
    expect(
      after.awards.map(({ rank, amountMinor }: { rank: number; amountMinor: number }) => [rank, amountMinor]),
    ).toEqual([1, 2, 3].map((rank) => [rank, 500]));
    expect((await call(server, 'DELETE', `/v1/admin/players/${WHO}`)).body.state).toBe('erased');
    host.close();
    self.close();
  }, 60_000);

  test('[PL6] who sends scores during the deletion has them deleted too, and is a new player after it', async () => {
    const host = await openWire(server.url, await server.token('server', 'host'));
    await host.ok({ type: 'tick', board: 'free', player: WHO, score: 99 });
    await until('the last look', async () => (await traces(WHO)).length === 0, 40_000);
    expect(await liveTraces('free', WHO)).toEqual([]);
    expect((await top('free'))[0]?.score).toBe(7);
    expect(await must(server, 'DELETE', `/v1/admin/players/${WHO}`)).toEqual({
      player: WHO,
      state: 'absent',
    });
    expect(await host.ok({ type: 'tick', board: 'free', player: WHO, score: 3 })).toMatchObject({
      score: 3,
      rank: 6,
    });
    host.close();
  }, 60_000);

  test('[PL7] a deletion by a server that died before the live seasons followed is ended by another', async () => {
    const host = await openWire(server.url, await server.token('server', 'host'));
    for (const player of ['crash-a', 'crash-b'])
      await host.ok({ type: 'tick', board: 'free', player, score: 50 });
    const [season] = (await must(server, 'GET', '/v1/boards/free/seasons')).seasons;
    await must(server, 'POST', `/v1/admin/seasons/${season.id}/flush`);
    const client = connect(server.databaseUrl);
    const store = new PostgresPlayerDeletionStore(client);
    // Begun long ago; the one died at once, the other after the database's part.
    await store.begin({ id: 'job-a', player: 'crash-a', by: 'root', at: 1 });
    await store.begin({ id: 'job-b', player: 'crash-b', by: 'root', at: 1 });
    await store.pseudonymise('job-b', 1);
    await client.close();
    const gone = async () =>
      [...(await traces('crash-')), ...(await liveTraces('free', 'crash-'))].length === 0;
    await until('both are gone', gone, 40_000);
    expect((await top('free')).filter(({ score }) => score === 50).map(({ rank }) => rank)).toEqual([1, 1]);
    await assertAgreement(server, 'free', season.id);
    host.close();
  }, 60_000);
});

test('[PL5] the pseudonym stands in the same bucket, at the same dense rank, with the columns and without the metadata', async () => {
  await must(server, 'POST', '/v1/admin/boards', {
    ...{ id: 'rooms', title: 'Rooms', kind: 'open', ranking: 'dense', buckets: { size: 3 } },
    ...{ columns: [{ id: 'kills', sortOrder: 'desc' }], entryMetadata: { keep: 'best' } },
    ...{ flush: { intervalMs: 600_000 } },
  });
  const host = await openWire(server.url, await server.token('server', 'host'));
  for (const [i, player] of ['r1', 'r2', 'room-gone', 'r4', 'r5'].entries()) {
    const metadata = { said: `secret of ${player}` };
    await host.ok({
      type: 'tick',
      board: 'rooms',
      player,
      score: i < 3 ? 9 : 8,
      columns: { kills: i % 2 },
      metadata,
    });
  }
  const shown = async () => {
    const whole = await must(server, 'GET', '/v1/boards/rooms/top?limit=10');
    const room = await must(server, 'GET', '/v1/boards/rooms/top?limit=10&bucket=1');
    const told = (entries: { rank: number; player: string; columns?: object }[]) =>
      entries.map(({ rank, player, columns }) => [
        rank,
        /room-gone|deleted/.test(player) ? '?' : player,
        columns,
      ]);
    return [told(whole.entries), told(room.entries)];
  };
  const before = await shown();
  expect((await must(server, 'DELETE', '/v1/admin/players/room-gone')).state).toBe('erased');
  expect(await shown()).toEqual(before);
  expect(await liveTraces('rooms', 'room-gone')).toEqual([]);
  expect((await traces('secret of room-gone')).length).toBe(0);
  const [season] = (await must(server, 'GET', '/v1/boards/rooms/seasons')).seasons;
  await assertAgreement(server, 'rooms', season.id);
  host.close();
});

test('[PL5] every table of the database that names a player is known', async () => {
  const tables = await sql`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'player' order by table_name collate "C"`;
  expect(PLAYER_TABLES.map(({ name }) => name)).toEqual(tables.map(({ name }) => name));
});
