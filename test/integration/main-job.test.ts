/** The whole path on real Redis and Postgres, as a game uses it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must } from '../support/admin.ts';
import { assertAgreement, snapshotRows } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire, type Wire } from '../support/wire.ts';

let server: ServerProcess;
let host: Wire;

beforeAll(async () => {
  server = await startServer();
  host = await openWire(server.url, await server.token('server', 'match-host'));
});

afterAll(async () => {
  host?.close();
  expect(await server?.stop()).toBe(0);
});

const newBoard = (id: string, rules: Record<string, unknown> = {}) =>
  must(server, 'POST', '/v1/admin/boards', { id, title: id, flush: { intervalMs: 100 }, ...rules });

describe('a match board, from the first tick to the prize', () => {
  it('[RD1] ranks a tick at once and writes it behind; [FN1] a final is in Postgres when it is answered; [ST1] settles once; [RD3] then reads what was settled', async () => {
    await newBoard('arena', {
      prizes: {
        bands: [
          { from: 1, to: 1, amountMinor: 5000 },
          { from: 2, to: 2, amountMinor: 2000 },
        ],
      },
    });
    const { match, season } = await host.ok({ type: 'match.start', board: 'arena' });
    expect(await host.ok({ type: 'tick', match, player: 'ada', score: 100, seq: 1 })).toMatchObject({
      ack: 'cache',
      rank: 1,
      score: 100,
      improved: true,
    });
    expect(await host.ok({ type: 'tick', match, player: 'bob', score: 250, seq: 1 })).toMatchObject({
      rank: 1,
    });
    expect(await host.ok({ type: 'rank', board: 'arena', players: ['ada', 'bob', 'eve'] })).toMatchObject({
      source: 'live',
      total: 2,
      entries: [
        { player: 'ada', rank: 2, score: 100 },
        { player: 'bob', rank: 1, score: 250 },
        { player: 'eve', rank: null },
      ],
    });
    await until(
      'the snapshot has both',
      async () => (await snapshotRows(server.databaseUrl, String(season))).length === 2,
    );
    expect(await host.ok({ type: 'final', match, player: 'ada', score: 300 })).toMatchObject({
      ack: 'database',
      duplicate: false,
      confirmed: 300,
      live: 'applied',
      rank: 1,
    });
    expect(await host.ok({ type: 'final', match, player: 'ada', score: 300 })).toMatchObject({
      duplicate: true,
    });
    expect(await host.ask({ type: 'final', match, player: 'ada', score: 301 })).toMatchObject({
      type: 'error',
      code: 'FINAL_CONFLICT',
      retryable: false,
    });
    await host.ok({ type: 'tick', match, player: 'eve', score: 999, seq: 1 });
    expect(
      await host.ok({ type: 'match.end', match, finals: [{ player: 'bob', score: 260 }] }),
    ).toMatchObject({ ack: 'database', finals: [{ player: 'bob', confirmed: 260 }] });
    expect(await host.ask({ type: 'tick', match, player: 'bob', score: 900, seq: 2 })).toMatchObject({
      code: 'MATCH_ENDED',
    });
    await assertAgreement(server, 'arena', String(season));

    const path = `/v1/admin/seasons/${season}/settlement`;
    expect((await call(server, 'GET', path)).body).toMatchObject({ code: 'SETTLEMENT_NOT_FOUND' });
    expect(await must(server, 'PUT', `${path}?preview`)).toMatchObject({ amountMinor: 7000 });
    expect((await call(server, 'GET', path)).status).toBe(404);
    const settled = await must(server, 'PUT', path);
    expect(settled).toMatchObject({
      season,
      board: 'arena',
      standings: 2,
      amountMinor: 7000,
      awards: [
        { player: 'ada', rank: 1, score: 300, amountMinor: 5000 },
        { player: 'bob', rank: 2, score: 260, amountMinor: 2000 },
      ],
    });
    expect(await must(server, 'PUT', path)).toEqual(settled);
    expect(await must(server, 'GET', path)).toEqual(settled);
    // A score of a match without a final is not among them.
    expect(await host.ok({ type: 'top', board: 'arena' })).toMatchObject({
      source: 'settled',
      total: 2,
      entries: [
        { player: 'ada', rank: 1, score: 300 },
        { player: 'bob', rank: 2, score: 260 },
      ],
    });
    expect(await host.ok({ type: 'rank', board: 'arena', players: ['eve', 'bob'] })).toMatchObject({
      entries: [{ player: 'eve', rank: null }, { rank: 2 }],
    });
    expect(
      await host.ok({ type: 'around', board: 'arena', player: 'bob', above: 1, below: 1 }),
    ).toMatchObject({ entries: [{ player: 'ada' }, { player: 'bob' }] });
    expect(await host.ask({ type: 'match.start', board: 'arena' })).toMatchObject({
      code: 'SEASON_NOT_OPEN',
    });
    expect(await must(server, 'GET', `/v1/seasons/${season}`)).toMatchObject({ state: 'settled' });
    expect(await must(server, 'POST', '/v1/admin/boards/arena/seasons')).toMatchObject({
      number: 2,
      state: 'open',
    });
    expect(await host.ok({ type: 'match.start', board: 'arena' })).toMatchObject({ type: 'ok' });
  });
});

describe('operators and sort orders over the wire', () => {
  it('[EN1] best keeps the better of finals and the match being played, in both sort orders', async () => {
    await newBoard('laps', { sortOrder: 'asc' });
    const first = await host.ok({ type: 'match.start', board: 'laps' });
    await host.ok({
      type: 'match.end',
      match: first.match,
      finals: [
        { player: 'ada', score: 90 },
        { player: 'bob', score: 80 },
      ],
    });
    const second = await host.ok({ type: 'match.start', board: 'laps' });
    expect(
      await host.ok({ type: 'tick', match: second.match, player: 'ada', score: 95, seq: 1 }),
    ).toMatchObject({ score: 90, rank: 2, improved: false });
    expect(
      await host.ok({ type: 'tick', match: second.match, player: 'ada', score: 70, seq: 2 }),
    ).toMatchObject({ score: 70, rank: 1, improved: true });
    expect(await host.ok({ type: 'final', match: second.match, player: 'ada', score: 85 })).toMatchObject({
      confirmed: 85,
      rank: 2,
    });
    await assertAgreement(server, 'laps', String(first.season));
  });

  it('[EN1] sum adds deltas of an open board once each, whatever is resent', async () => {
    await newBoard('likes', { kind: 'open', operator: 'sum' });
    const tick = (delta: number, seq: number) =>
      host.ok({ type: 'tick', board: 'likes', player: 'post-1', delta, seq });
    expect(await tick(5, 1)).toMatchObject({ score: 5 });
    expect(await tick(7, 2)).toMatchObject({ score: 12 });
    expect(await tick(7, 2)).toMatchObject({ score: 12, repeat: true, improved: false });
    expect(await host.ask({ type: 'tick', board: 'likes', player: 'post-1', score: 3 })).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'score',
    });
    const { season } = await host.ok({ type: 'top', board: 'likes' });
    await assertAgreement(server, 'likes', String(season));
  });

  it('[EN1] latest takes the newest score, better or worse', async () => {
    await newBoard('altitude', { kind: 'open', operator: 'latest' });
    await host.ok({ type: 'tick', board: 'altitude', player: 'kite', score: 50, seq: 1 });
    expect(
      await host.ok({ type: 'tick', board: 'altitude', player: 'kite', score: 20, seq: 2 }),
    ).toMatchObject({ score: 20, previousScore: 50, improved: false });
  });

  it('[EN2] of equal scores the one reached first stands above', async () => {
    await newBoard('ties', { kind: 'open' });
    for (const player of ['zoe', 'ada', 'mia']) {
      await host.ok({ type: 'tick', board: 'ties', player, score: 10, seq: 1 });
      const { serverTime } = await host.ok({ type: 'ping' });
      await until(
        'the next millisecond',
        async () => Number((await host.ok({ type: 'ping' })).serverTime) > Number(serverTime),
      );
    }
    const { entries } = await host.ok({ type: 'top', board: 'ties' });
    expect((entries as { player: string }[]).map((entry) => entry.player)).toEqual(['zoe', 'ada', 'mia']);
  });
});

describe('subscriptions', () => {
  it('[SU1] a subscriber sees changes as deltas that add up to the board', async () => {
    await newBoard('feed', { kind: 'open' });
    const viewer = await openWire(server.url, await server.token('viewer', 'page'));
    const first = await viewer.ok({ type: 'subscribe', board: 'feed', limit: 3 });
    expect(first).toMatchObject({ entries: [] });
    await host.ok({ type: 'tick', board: 'feed', player: 'ada', score: 10, seq: 1 });
    await host.ok({ type: 'tick', board: 'feed', player: 'bob', score: 20, seq: 1 });
    await until('the push', () =>
      viewer.pushes.some(
        (push) => (push.type === 'delta' || push.type === 'snapshot') && push['total'] === 2,
      ),
    );
    await until('the window', () => viewer.pushes.some((push) => push.type === 'window'));
    expect(await viewer.ask({ type: 'tick', board: 'feed', player: 'eve', score: 1 })).toMatchObject({
      code: 'FORBIDDEN',
    });
    viewer.close();
  });
});
