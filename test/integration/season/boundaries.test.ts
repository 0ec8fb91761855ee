import { afterEach, describe, expect, it } from 'vitest';
import { call, must } from '../../support/admin.ts';
import { seasonEvents, setBoundary } from '../../support/boundary.ts';
import { until } from '../../support/condition.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { openWire, type Wire } from '../../support/wire.ts';

const running: ServerProcess[] = [];
const killed = new Set<ServerProcess>();
afterEach(async () => {
  for (const server of running.splice(0).reverse()) {
    const code = await server.stop();
    if (!killed.has(server)) expect(code).toBe(0);
  }
});

const WEEKLY = { schedule: '0 0 * * 1', timeZone: 'Europe/Berlin' };
const board = (id: string, rules: object = {}) => ({
  ...{ id, title: id, season: WEEKLY, flush: { intervalMs: 100 }, ticks: { maxPerSecond: 10_000 } },
  ...rules,
});
const seasonsOf = async (server: ServerProcess, id: string) =>
  (await must(server, 'GET', `/v1/boards/${id}/seasons`)).seasons;
const host = async (server: ServerProcess): Promise<Wire> =>
  openWire(server.url, await server.token('server', 'host'));

describe('a season with a planned end', () => {
  it('[SS11] a board tells its last boundary and its next, and its season when it ends', async () => {
    const server = await startServer();
    running.push(server);
    await must(server, 'POST', '/v1/admin/boards', board('weekly'));
    await must(server, 'POST', '/v1/admin/boards', board('manual', { season: {} }));
    const { boundaries } = await must(server, 'GET', '/v1/boards/weekly');
    expect(boundaries.previous).toBeLessThanOrEqual(Date.now());
    expect(boundaries.next).toBeGreaterThan(Date.now());
    expect((await seasonsOf(server, 'weekly'))[0].endsAt).toBe(boundaries.next);
    const listed = (await must(server, 'GET', '/v1/boards')).boards;
    const shown = new Map(listed.map((each: { id: string }) => [each.id, each]));
    expect(shown.get('weekly')).toMatchObject({ boundaries });
    expect(shown.get('manual')).not.toHaveProperty('boundaries');
    const wrong = await call(
      server,
      'POST',
      '/v1/admin/boards',
      board('bad', { season: { schedule: 'soon' } }),
    );
    expect(wrong).toMatchObject({ status: 400, body: { field: 'season.schedule', fix: expect.any(String) } });
    expect((await call(server, 'GET', '/v1/boards/bad')).status).toBe(404);
  });

  it('[SS12] passes its boundary on time, under two servers once, and no tick that comes later counts in it', async () => {
    const a = await startServer();
    const b = await startServer(a);
    running.push(a, b);
    await must(a, 'POST', '/v1/admin/boards', board('likes', { kind: 'open', operator: 'sum' }));
    const [first] = await seasonsOf(a, 'likes');
    const writers = await Promise.all([host(a), host(b)]);
    const at = await setBoundary(a.databaseUrl, 'likes', 2_500);
    const sent = { before: 0, after: 0 };
    let seq = 0;
    // Ticks through both servers, all the time, over the boundary; each is certainly before it, certainly after it, or close.
    while (Date.now() < at + 700) {
      seq++;
      await Promise.all(
        writers.map(async (writer, i) => {
          const sentAt = Date.now();
          await writer.ok({ type: 'tick', board: 'likes', player: `p${i}`, delta: 1, seq });
          if (Date.now() < at - 5) sent.before++;
          else if (sentAt >= at + 5) sent.after++;
        }),
      );
    }
    expect(sent.before).toBeGreaterThan(20);
    expect(sent.after).toBeGreaterThan(20);
    const seasons = await seasonsOf(b, 'likes');
    expect(seasons.map((season: { number: number; state: string }) => [season.number, season.state])).toEqual(
      [
        [2, 'open'],
        [1, 'closed'],
      ],
    );
    expect(seasons[0].startedAt).toBeGreaterThanOrEqual(at);
    expect(seasons[0].startedAt - at).toBeLessThan(250);
    expect(seasons[1]).toMatchObject({ id: first.id, endsAt: at });
    const sumOf = async (season: string) => {
      const { entries } = await must(a, 'GET', `/v1/boards/likes/top?season=${season}`);
      return entries.reduce((sum: number, entry: { score: number }) => sum + entry.score, 0);
    };
    const [old, young] = [await sumOf(first.id), await sumOf(seasons[0].id)];
    expect(old + young).toBe(2 * seq);
    expect(old).toBeGreaterThanOrEqual(sent.before);
    expect(young).toBeGreaterThanOrEqual(sent.after);
    expect(await seasonEvents(a.databaseUrl, 'likes')).toEqual([
      ...['1 season.started', '1 season.ended', '1 season.closed', '2 season.started'],
    ]);
  });

  it('[SS13] boundaries that pass while all servers are down are one roll-over, under two that start at once; a match from before lands its finals in its season', async () => {
    const first = await startServer();
    const rules = { finals: { writers: ['server'], graceSeconds: 60 } };
    await must(
      first,
      'POST',
      '/v1/admin/boards',
      board('arena', { season: { schedule: '* * * * *' }, ...rules }),
    );
    const before = await host(first);
    const { match, season } = await before.ok({ type: 'match.start', board: 'arena' });
    await before.ok({ type: 'tick', match, player: 'ada', score: 70, seq: 1 });
    await first.kill('SIGKILL');
    killed.add(first);
    running.push(first);
    await setBoundary(first.databaseUrl, 'arena', -3_600_000);
    const [a, b] = await Promise.all([startServer({ ...first }), startServer({ ...first })]);
    running.push(a, b);
    for (const server of [a, b]) {
      const seasons = await seasonsOf(server, 'arena');
      expect(seasons.map((each: { number: number; state: string }) => [each.number, each.state])).toEqual([
        [2, 'open'],
        [1, 'closing'],
      ]);
    }
    expect(await seasonEvents(a.databaseUrl, 'arena')).toEqual([
      ...['1 season.started', '1 season.ended', '2 season.started'],
    ]);
    const [one, other] = [await host(a), await host(b)];
    expect(await one.ask({ type: 'tick', match, player: 'ada', score: 80, seq: 2 })).toMatchObject({
      code: 'SEASON_CLOSED',
    });
    expect(
      await other.ok({ type: 'match.end', match, finals: [{ player: 'ada', score: 90 }] }),
    ).toMatchObject({
      ack: 'database',
    });
    expect(await must(a, 'GET', `/v1/boards/arena/ranks?players=ada&season=${season}`)).toMatchObject({
      entries: [{ rank: 1, score: 90 }],
    });
    const next = await other.ok({ type: 'match.start', board: 'arena' });
    expect(next['season']).not.toBe(season);
  });

  it('[SS14] a match that is started at the moment of the boundary is pinned to the next season', async () => {
    const server = await startServer();
    running.push(server);
    await must(server, 'POST', '/v1/admin/boards', board('cup'));
    const writer = await host(server);
    const old = await writer.ok({ type: 'match.start', board: 'cup' });
    await setBoundary(server.databaseUrl, 'cup', 0);
    await until('a match in the next season', async () => {
      const answer = await writer.ask({ type: 'match.start', board: 'cup' });
      if (answer.type !== 'ok') expect(answer).toMatchObject({ code: 'SEASON_NOT_OPEN' });
      return answer.type === 'ok' && answer['season'] !== old['season'];
    });
    await until('the old season takes no more ticks', async () => {
      const answer = await writer.ask({ type: 'tick', match: old['match'], player: 'ada', score: 1, seq: 1 });
      return answer.code === 'SEASON_CLOSED';
    });
  });
});
