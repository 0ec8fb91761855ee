/** Limits and rosters of matches, through two servers on the same databases. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { assertAgreement } from '../support/agreement.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type Document, openWire, type Wire } from '../support/wire.ts';

let a: ServerProcess;
let b: ServerProcess;
let hostA: Wire;
let hostB: Wire;

beforeAll(async () => {
  a = await startServer();
  b = await startServer(a);
  hostA = await openWire(a.url, await a.token('server', 'host-a'));
  hostB = await openWire(b.url, await b.token('server', 'host-b'));
});

afterAll(async () => {
  hostA?.close();
  hostB?.close();
  expect(await b?.stop()).toBe(0);
  expect(await a?.stop()).toBe(0);
});

const newBoard = (id: string, matches: Record<string, unknown>) =>
  must(a, 'POST', '/v1/admin/boards', { id, title: id, flush: { intervalMs: 100 }, matches });
const start = (board: string, more: Record<string, unknown> = {}) =>
  hostA.ok({ type: 'match.start', board, ...more });
const tick = (host: Wire, match: unknown, player: string, score = 10) =>
  host.ask({ type: 'tick', match, player, score });
const final = (host: Wire, match: unknown, player: string, score = 10) =>
  host.ask({ type: 'final', match, player, score });
const codes = (replies: readonly Document[]) => replies.map((reply) => reply.code ?? 'ok').sort();

it('[MT1] a match answers its limits and keeps them; [MT2] its roster is checked, and a server token alone may send one', async () => {
  await newBoard('limits', { playersMax: 2 });
  const first = await start('limits', { roster: ['ann', 'bob'] });
  expect(first).toMatchObject({ limits: { playersMax: 2 }, roster: 2 });
  for (const roster of [['ann', 'bob', 'cy'], ['ann', 'ann'], []])
    expect(await hostA.ask({ type: 'match.start', board: 'limits', roster })).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'roster',
    });
  const player = await openWire(a.url, await a.token('player', 'ann'));
  expect(await player.ask({ type: 'match.start', board: 'limits', roster: ['ann'] })).toMatchObject({
    code: 'FORBIDDEN',
  });
  player.close();
  await newBoard('unlimited', {});
  const free = await start('unlimited');
  expect(free).not.toHaveProperty('limits');
  expect(free).not.toHaveProperty('roster');
});

it('[MT3] nobody from outside the roster ticks or has a final, through either server', async () => {
  await newBoard('rosters', {});
  const { match, season } = await start('rosters', { roster: ['ann', 'bob'] });
  for (const host of [hostA, hostB]) {
    expect(await tick(host, match, 'ann')).toMatchObject({ type: 'ok' });
    expect(await tick(host, match, 'eve')).toMatchObject({ code: 'NOT_IN_ROSTER', field: 'player' });
    expect(await final(host, match, 'eve')).toMatchObject({ code: 'NOT_IN_ROSTER', field: 'player' });
  }
  const both = await hostB.ok({
    type: 'ticks',
    match,
    ticks: [
      { player: 'bob', score: 5 },
      { player: 'mallory', score: 6 },
    ],
  });
  expect(both['results']).toMatchObject([
    { player: 'bob', score: 5 },
    { player: 'mallory', error: { code: 'NOT_IN_ROSTER' } },
  ]);
  const eve = await openWire(b.url, await b.token('player', 'eve'));
  expect(await eve.ask({ type: 'tick', match, score: 1 })).toMatchObject({ code: 'NOT_IN_ROSTER' });
  expect(await eve.ask({ type: 'tick', match, player: 'bob', score: 1 })).toMatchObject({
    code: 'FORBIDDEN',
  });
  eve.close();
  expect(await final(hostB, match, 'ann')).toMatchObject({ type: 'ok' });
  await assertAgreement(a, 'rosters', String(season));
});

it('[MT4] of many that join by ticks and finals through two servers at once as many get in as the match takes', async () => {
  await newBoard('full', { playersMax: 5 });
  const { match, season } = await start('full');
  const players = Array.from({ length: 20 }, (_, i) => `p${i}`);
  const replies = await Promise.all(
    players.map((player, i) => (i % 4 < 2 ? tick : final)(i % 2 ? hostA : hostB, match, player)),
  );
  expect(codes(replies)).toEqual([...Array(15).fill('MATCH_FULL'), ...Array(5).fill('ok')]);
  const inside = players.filter((_, i) => replies[i]?.type === 'ok');
  const { total } = await hostA.ok({ type: 'top', board: 'full' });
  expect(total).toBe(5);
  for (const player of inside)
    expect(['ok', 'MATCH_ENDED']).toContain((await tick(hostB, match, player, 11)).code ?? 'ok');
  for (const player of inside) expect((await final(hostB, match, player)).type).toBe('ok');
  expect(await final(hostA, match, 'late')).toMatchObject({ code: 'MATCH_FULL', field: 'player' });
  await assertAgreement(a, 'full', String(season));
});

it('[MT5] two servers at once never take a final past the attempts, repeats are answered, and ticks of a new match are refused', async () => {
  await newBoard('attempts', { attemptsMax: 3 });
  const matches = await Promise.all(Array.from({ length: 10 }, () => start('attempts')));
  // Joined with an attempt left: its ticks go on, and its final decides.
  expect(await tick(hostB, matches[0]?.match, 'ann')).toMatchObject({ type: 'ok' });
  const replies = await Promise.all(
    matches.map(({ match }, i) => final(i % 2 ? hostA : hostB, match, 'ann', i)),
  );
  expect(codes(replies)).toEqual([...Array(7).fill('ATTEMPTS_EXHAUSTED'), ...Array(3).fill('ok')]);
  const taken = replies.findIndex((reply) => reply.type === 'ok');
  expect(await final(hostB, matches[taken]?.match, 'ann', taken)).toMatchObject({ duplicate: true });
  const next = await start('attempts');
  expect(await tick(hostB, next.match, 'ann')).toMatchObject({
    code: 'ATTEMPTS_EXHAUSTED',
    field: 'player',
    retryable: false,
  });
  expect(await tick(hostB, next.match, 'bob')).toMatchObject({ type: 'ok' });
});

it('[MT6] a match.end that limits or roster refuse stores nothing, joins nobody and leaves the match open', async () => {
  await newBoard('ends', { playersMax: 2, attemptsMax: 1 });
  const used = await start('ends');
  await hostA.ok({ type: 'final', match: used.match, player: 'ann', score: 1 });
  const cases: [Record<string, unknown>, string[], string][] = [
    [{}, ['bob', 'cy', 'dee'], 'MATCH_FULL'],
    [{}, ['bob', 'ann'], 'ATTEMPTS_EXHAUSTED'],
    [{ roster: ['bob'] }, ['bob', 'cy'], 'NOT_IN_ROSTER'],
  ];
  const ranked = async () => (await hostA.ok({ type: 'top', board: 'ends' })).total;
  for (const [more, players, code] of cases) {
    const before = await ranked();
    const { match } = await start('ends', more);
    const finals = players.map((player) => ({ player, score: 5 }));
    expect(await hostB.ask({ type: 'match.end', match, finals })).toMatchObject({ code, field: 'player' });
    expect(await ranked()).toBe(before);
    // Nobody took a place by it, and the match goes on.
    for (const player of more['roster'] ? ['bob'] : ['eve', 'fay'])
      expect(await tick(hostB, match, player, 1)).toMatchObject({ type: 'ok' });
    expect(await hostB.ask({ type: 'match.end', match, finals: [] })).toMatchObject({ type: 'ok' });
  }
});
