import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../support/admin.ts';
import { until } from '../../support/condition.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { openWire, type Wire } from '../../support/wire.ts';
import { madeArena, type TestDatabase, testDatabase } from '../postgres/database.ts';

let server: ServerProcess;
let host: Wire;
let db: TestDatabase;
beforeAll(async () => {
  [server, db] = await Promise.all([startServer(), testDatabase()]);
  host = await openWire(server.url, await server.token('server', 'host'));
});
afterAll(async () => {
  await db.close();
  expect(await server.stop()).toBe(0);
});

const top = async (board: string, season: string) =>
  (await must(server, 'GET', `/v1/boards/${board}/top?season=${season}`)).entries.map(
    (entry: { rank: number; player: string; score: number }) => [entry.rank, entry.player, entry.score],
  );
const frozen = (season: string) =>
  until(
    'the season is frozen',
    async () => (await must(server, 'GET', `/v1/seasons/${season}`)).frozenAt > 0,
  );

describe('a season that has closed', () => {
  it('[FZ1, FZ2] shows what its finals come to, for ever: no score of a match without one, and nothing that comes late', async () => {
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: 'arena', title: 'Arena', flush: { intervalMs: 50 } },
    });
    const { match, season } = await host.ok({ type: 'match.start', board: 'arena' });
    const { match: abandoned } = await host.ok({ type: 'match.start', board: 'arena' });
    await host.ok({
      type: 'match.end',
      match,
      finals: [
        { player: 'ada', score: 50 },
        { player: 'bob', score: 40 },
      ],
    });
    await host.ok({ type: 'tick', match: abandoned, player: 'bob', score: 900, seq: 1 });
    await host.ok({ type: 'tick', match: abandoned, player: 'cy', score: 800, seq: 1 });
    expect(await top('arena', String(season))).toEqual([
      [1, 'bob', 900],
      [2, 'cy', 800],
      [3, 'ada', 50],
    ]);
    await must(server, 'POST', `/v1/admin/seasons/${season}/close`, { now: true });
    await frozen(String(season));
    const fixed = [
      [1, 'ada', 50],
      [2, 'bob', 40],
    ];
    expect(await top('arena', String(season))).toEqual(fixed);
    for (const late of [
      { type: 'tick', match: abandoned, player: 'cy', score: 1_000, seq: 2 },
      { type: 'final', match: abandoned, player: 'cy', score: 1_000 },
      { type: 'match.end', match: abandoned, finals: [{ player: 'cy', score: 1_000 }] },
    ])
      expect(await host.ask(late)).toMatchObject({ type: 'error', code: 'SEASON_CLOSED' });
    const again = await startServer(server);
    try {
      const read = await must(again, 'GET', `/v1/boards/arena/top?season=${season}`);
      expect(read.entries.map(({ player }: { player: string }) => player)).toEqual(['ada', 'bob']);
      expect(read).toMatchObject({ source: 'snapshot', state: 'closed' });
      expect(read).not.toHaveProperty('stale');
    } finally {
      expect(await again.kill('SIGTERM')).toBe(0);
    }
    const settled = await must(server, 'PUT', `/v1/admin/seasons/${season}/settlement`);
    expect(settled.standings).toBe(2);
    expect(await top('arena', String(season))).toEqual(fixed);
  });

  it('[FZ3] keeps what was imported, also when it comes after', async () => {
    await must(server, 'POST', '/v1/admin/boards', { id: 'past', title: 'Past' });
    const { match, season } = await host.ok({ type: 'match.start', board: 'past' });
    await host.ok({ type: 'match.end', match, finals: [{ player: 'ada', score: 50 }] });
    await must(server, 'POST', `/v1/admin/seasons/${season}/close`, { now: true });
    const load = async (line: string) => {
      const response = await fetch(`${server.url}/v1/admin/seasons/${season}/import`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await server.token('admin', 'studio')}`,
          'content-type': 'application/x-ndjson',
        },
        body: line,
      });
      expect(await response.text()).toContain('"imported":1');
    };
    await load('{"player":"old","score":70}\n');
    await frozen(String(season));
    await load('{"player":"older","score":60}\n');
    expect(await top('past', String(season))).toEqual([
      [1, 'old', 70],
      [2, 'older', 60],
      [3, 'ada', 50],
    ]);
  });

  it('[FZ4] is frozen once, by whichever server comes, and no flush writes to it afterwards', async () => {
    const { season } = await madeArena(db);
    await db.boards.moveSeason({ season: season.id, to: 'closed', at: Date.now(), by: 'tester' });
    const frozenBy = await Promise.all([1, 2, 3].map(() => db.boards.freeze(season.id)));
    expect(new Set(frozenBy.map(({ frozenAt }) => frozenAt)).size).toBe(1);
    expect(frozenBy[0]?.frozenAt).toBeGreaterThan(0);
    const record = {
      ...{ player: 'late', rev: 9, score: 1, achievedAt: 1, finals: 0, matchKey: 'm', matchEnded: false },
      ...{ provisional: { score: 1, achievedAt: 1 }, confirmed: undefined, seqs: '' },
    };
    const watermark = { epoch: 1, version: 9, at: 1 };
    expect(
      await db.snapshot.write({ season: season.id, epoch: 1, records: [record], watermark }),
    ).toMatchObject({ kind: 'ok', written: 0, refused: 0 });
    expect(await db.sql`select player from snapshot_entries where season = ${season.id}`).toHaveLength(0);
    expect(await db.snapshot.watermark(season.id)).toMatchObject({ version: 9 });
  });

  it('[FZ4] an open season is not frozen', async () => {
    const { season } = await madeArena(db);
    expect((await db.boards.freeze(season.id)).frozenAt).toBeUndefined();
  });

  it('[FZ5] of an open board keeps the entries of its ticks', async () => {
    await must(server, 'POST', '/v1/admin/boards', {
      id: 'likes',
      title: 'Likes',
      kind: 'open',
      operator: 'sum',
    });
    const [{ id: season }] = (await must(server, 'GET', '/v1/boards/likes/seasons')).seasons;
    for (let seq = 1; seq <= 3; seq++)
      await host.ok({ type: 'tick', board: 'likes', player: 'ada', delta: 2, seq });
    await must(server, 'POST', `/v1/admin/seasons/${season}/close`);
    // As if it had closed a while ago: what is owed to ticks is waited for.
    const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
    await sql`update seasons set closed_at = closed_at - 60000 where id = ${season}`;
    await sql.end();
    await frozen(season);
    expect(await top('likes', season)).toEqual([[1, 'ada', 6]]);
  });
});
