import { SCORE_MAX } from '@photofinish/shared/domain/score';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { TICK_BATCH_MAX, type TickWrite } from '../../../server/src/board/live-board.ts';
import { matchKeyOf } from '../../../server/src/board/match-key.ts';
import { seasonKeys } from '../../../server/src/redis/keys.ts';
import {
  claimAll,
  coldSeason,
  entriesInRedis,
  openPorts,
  type Ports,
  T0,
  taken,
  tickOf,
  warm,
} from './live-season.ts';

let ports: Ports;
beforeAll(async () => {
  ports = await openPorts(inject('redisUrl'));
});
afterAll(() => ports.close());

const FIRST = matchKeyOf({ id: 'm1', startedAt: T0 });
const SECOND = matchKeyOf({ id: 'm2', startedAt: T0 + 5 });
const openSeason = () => warm(ports, coldSeason({ kind: 'open' }));
const matchSeason = () => warm(ports, coldSeason({ kind: 'match' }));
const sumSeason = () => warm(ports, coldSeason({ kind: 'open', operator: 'sum' }));

describe('states', () => {
  test('[TK1] every operation answers cold for a season that is not in memory', async () => {
    const season = coldSeason();
    const { live, queue } = ports;
    const confirmed = { player: 'a', matchKey: FIRST, confirmed: { score: 1, achievedAt: T0 }, finals: 1 };
    expect(await live.tick(season, [tickOf('a', 1)])).toEqual({ kind: 'cold' });
    expect(await live.confirm(season, [confirmed], T0)).toEqual({ kind: 'cold' });
    expect(await live.page(season, { limit: 10 })).toEqual({ kind: 'cold' });
    expect(await live.around(season, { player: 'a', above: 1, below: 1 })).toEqual({ kind: 'cold' });
    expect(await live.ranks(season, ['a'])).toEqual({ kind: 'cold' });
    expect(await live.window(season)).toEqual({ kind: 'cold' });
    expect(await queue.claim(season)).toEqual({ kind: 'cold' });
    await live.setState(season, 'closed');
    expect(await ports.redis.exists(Object.values(seasonKeys(season)))).toBe(0);
  });

  test('[TK2] a season that is not open refuses the whole batch and says its state', async () => {
    const season = await openSeason();
    await ports.live.setState(season, 'closing');
    expect(await ports.live.tick(season, [tickOf('a', 1)])).toEqual({ kind: 'not-open', state: 'closing' });
    expect(await entriesInRedis(ports, season)).toEqual([]);
  });

  test('[TK2] a state only goes forward: a late copy cannot open a closed season', async () => {
    const season = await openSeason();
    await ports.live.setState(season, 'closed');
    await ports.live.setState(season, 'closing');
    expect(await ports.live.window(season)).toMatchObject({ state: 'closed' });
  });

  test('[TK10] finals are taken in every state', async () => {
    const season = await matchSeason();
    await ports.live.tick(season, [tickOf('a', 7, { matchKey: FIRST })]);
    await ports.live.setState(season, 'closed');
    const write = { player: 'a', matchKey: FIRST, confirmed: { score: 5, achievedAt: T0 }, finals: 1 };
    expect(await ports.live.confirm(season, [write], T0)).toMatchObject({
      entries: [{ rank: 1, score: 5 }],
    });
  });

  test('[EN7] metadata of a final goes along although its board has given up keeping any, beside a final without', async () => {
    const season = await matchSeason();
    const confirmed = { score: 5, achievedAt: T0, metadata: '{"car":"blue"}' };
    const writes = [
      { player: 'a', matchKey: FIRST, confirmed, finals: 1 },
      { player: 'b', matchKey: FIRST, confirmed: { score: 4, achievedAt: T0 }, finals: 1 },
    ];
    expect(await ports.live.confirm(season, writes, T0)).toMatchObject({
      entries: [{ rank: 1 }, { rank: 2 }],
    });
    const { records } = await claimAll(ports, season);
    expect(records.get('a')?.confirmed).toEqual(confirmed);
    expect(records.get('b')?.confirmed?.metadata).toBeUndefined();
  });
});

describe('seq', () => {
  test('[TK3] a repeated or older seq of a writer changes nothing and answers the present rank and score', async () => {
    const season = await sumSeason();
    const add = (delta: number, seq: number) => ({ ...tickOf('a', 0), score: undefined, delta, seq });
    await ports.live.tick(season, [add(10, 2)]);
    const before = await entriesInRedis(ports, season);
    for (const seq of [2, 1])
      expect(taken(await ports.live.tick(season, [add(10, seq)])).outcomes).toEqual([
        {
          ...{ refused: undefined, rank: 1, previousRank: 1, score: 10, previousScore: 10 },
          ...{ improved: false, repeat: true },
        },
      ]);
    expect(await entriesInRedis(ports, season)).toEqual(before);
    expect(taken(await ports.live.tick(season, [{ ...add(10, 1), writer: 'w2' }])).outcomes).toMatchObject([
      { score: 20, repeat: false },
    ]);
  });

  test('[TK3] a tick that was applied is a repeat also after its match ended', async () => {
    const season = await matchSeason();
    const tick = tickOf('a', 7, { matchKey: FIRST, seq: 1 });
    await ports.live.tick(season, [tick]);
    const write = { player: 'a', matchKey: FIRST, confirmed: { score: 9, achievedAt: T0 }, finals: 1 };
    await ports.live.confirm(season, [write], T0);
    expect(taken(await ports.live.tick(season, [tick])).outcomes).toMatchObject([
      { repeat: true, refused: undefined, score: 9 },
    ]);
  });

  test('[TK3] a seq with an equal score is remembered: an older score that comes late is not taken', async () => {
    const season = await matchSeason();
    const tick = (score: number, seq: number) => tickOf('a', score, { matchKey: FIRST, seq });
    await ports.live.tick(season, [tick(100, 3)]);
    await ports.live.tick(season, [tick(100, 5)]);
    expect(taken(await ports.live.tick(season, [tick(90, 4)])).outcomes).toMatchObject([
      { repeat: true, score: 100 },
    ]);
  });
});

describe('marks', () => {
  test('[TK4] a tick that changes nothing marks nothing and bumps nothing', async () => {
    const season = await openSeason();
    await ports.live.tick(season, [tickOf('a', 5)]);
    const claim = await ports.queue.claim(season);
    if (claim.kind === 'ok') await ports.queue.ack(season, claim.claim, ['a'], true);
    const { version, dirty } = taken(await ports.live.tick(season, [tickOf('a', 5), tickOf('a', 4)]));
    expect({ version, dirty }).toEqual({ version: 1, dirty: 0 });
    expect(await ports.live.window(season)).toMatchObject({ dirty: 0, dirtySince: undefined });
  });

  test('[TK5] a batch is applied in order, and its ranks are those after all of it', async () => {
    const season = await openSeason();
    const { outcomes } = taken(
      await ports.live.tick(season, [tickOf('a', 5), tickOf('b', 6), tickOf('a', 7, { at: T0 + 1 })]),
    );
    expect(outcomes.map(({ rank, score, improved }) => ({ rank, score, improved }))).toEqual([
      { rank: 1, score: 5, improved: true },
      { rank: 2, score: 6, improved: true },
      { rank: 1, score: 7, improved: true },
    ]);
  });

  test('[TK5] a full batch of new players fits; one more is refused by name', async () => {
    const season = await openSeason();
    const ticks = Array.from({ length: TICK_BATCH_MAX }, (_, i) => tickOf(`p${i}`, i, { seq: 1 }));
    const { outcomes, dirty } = taken(await ports.live.tick(season, ticks));
    expect(outcomes[0]).toMatchObject({ rank: TICK_BATCH_MAX, score: 0 });
    expect(dirty).toBe(TICK_BATCH_MAX);
    await expect(ports.live.tick(season, [...ticks, tickOf('x', 1)])).rejects.toThrow(RangeError);
  });

  test('[TK5] more finals than one script takes are all applied', async () => {
    const season = await matchSeason();
    const writes = Array.from({ length: TICK_BATCH_MAX + 3 }, (_, i) => ({
      player: `p${i}`,
      matchKey: FIRST,
      confirmed: { score: i, achievedAt: T0 },
      finals: 1,
    }));
    const result = await ports.live.confirm(season, writes, T0);
    expect(result.kind === 'ok' && result.entries.at(-1)).toMatchObject({
      rank: 1,
      score: TICK_BATCH_MAX + 2,
    });
    expect(await ports.live.window(season)).toMatchObject({ total: writes.length, dirty: writes.length });
  });
});

describe('refusals', () => {
  test('[TK6] a tick of an older match is refused, and changes nothing', async () => {
    const season = await matchSeason();
    await ports.live.tick(season, [tickOf('a', 5, { matchKey: SECOND })]);
    const before = await entriesInRedis(ports, season);
    const { outcomes } = taken(await ports.live.tick(season, [tickOf('a', 9, { matchKey: FIRST, seq: 1 })]));
    expect(outcomes).toEqual([
      {
        ...{ refused: 'MATCH_SUPERSEDED', rank: 1, previousRank: 1, score: 5, previousScore: 5 },
        ...{ improved: false, repeat: false },
      },
    ]);
    expect(await entriesInRedis(ports, season)).toEqual(before);
  });

  test('[TK6] a tick of a match that its final ended is refused; the next match is taken', async () => {
    const season = await matchSeason();
    const write = { player: 'a', matchKey: FIRST, confirmed: { score: 5, achievedAt: T0 }, finals: 1 };
    await ports.live.confirm(season, [write], T0);
    const { outcomes } = taken(
      await ports.live.tick(season, [
        tickOf('a', 9, { matchKey: FIRST }),
        tickOf('a', 8, { matchKey: SECOND }),
      ]),
    );
    expect(outcomes.map(({ refused, score }) => ({ refused, score }))).toEqual([
      { refused: 'MATCH_ENDED', score: 5 },
      { refused: undefined, score: 8 },
    ]);
  });

  test('[TK7] a sum that leaves the range is refused, and its seq is not used up', async () => {
    const season = await sumSeason();
    const add = (delta: number, seq: number) => ({ ...tickOf('a', 0), score: undefined, delta, seq });
    await ports.live.tick(season, [add(SCORE_MAX, 1)]);
    const { outcomes } = taken(await ports.live.tick(season, [add(1, 2), add(-1, 2)]));
    expect(outcomes).toMatchObject([
      { refused: 'SCORE_OVERFLOW', score: SCORE_MAX },
      { refused: undefined, score: SCORE_MAX - 1 },
    ]);
  });

  test('[TK7] a refused first tick leaves no entry', async () => {
    const season = await warm(ports, coldSeason({ kind: 'match', operator: 'sum' }));
    const write = {
      player: 'b',
      matchKey: FIRST,
      confirmed: { score: SCORE_MAX, achievedAt: T0 },
      finals: 1,
    };
    await ports.live.confirm(season, [write], T0);
    const { outcomes } = taken(await ports.live.tick(season, [tickOf('b', 1, { matchKey: SECOND })]));
    expect(outcomes).toMatchObject([{ refused: 'SCORE_OVERFLOW', rank: 1, score: SCORE_MAX }]);
    expect(await entriesInRedis(ports, season)).toMatchObject([{ player: 'b', provisional: undefined }]);
  });

  test('[TK8] an entry takes 64 writers with a seq; the 65th is refused, ticks without a seq are not', async () => {
    const season = await sumSeason();
    const from = (n: number, seq: number | undefined) => ({
      ...tickOf('a', 0),
      score: undefined,
      delta: 1,
      writer: 'w'.repeat(50) + String(n).padStart(14, '0'),
      seq,
    });
    await ports.live.tick(
      season,
      Array.from({ length: 64 }, (_, n) => from(n, Number.MAX_SAFE_INTEGER - 1)),
    );
    const { outcomes } = taken(
      await ports.live.tick(season, [
        from(64, 1),
        from(64, undefined),
        from(0, Number.MAX_SAFE_INTEGER),
        from(0, Number.MAX_SAFE_INTEGER),
      ]),
    );
    expect(outcomes.map(({ refused, score, repeat }) => ({ refused, score, repeat }))).toEqual([
      { refused: 'TOO_MANY_WRITERS', score: 64, repeat: false },
      { refused: undefined, score: 65, repeat: false },
      { refused: undefined, score: 66, repeat: false },
      { refused: undefined, score: 66, repeat: true },
    ]);
  });

  test('[TK8] a newer match makes room for new writers', async () => {
    const season = await matchSeason();
    const from = (n: number, matchKey: string) => tickOf('a', n, { writer: `w${n}`, seq: 1, matchKey });
    await ports.live.tick(
      season,
      Array.from({ length: 64 }, (_, n) => from(n, FIRST)),
    );
    const { outcomes } = taken(await ports.live.tick(season, [from(64, FIRST), from(65, SECOND)]));
    expect(outcomes.map((outcome) => outcome.refused)).toEqual(['TOO_MANY_WRITERS', undefined]);
    expect(await entriesInRedis(ports, season)).toMatchObject([{ seqs: ';w65=1;' }]);
  });
});

describe('finals', () => {
  const final = (score: number, finals: number, matchKey: string) => ({
    player: 'a',
    matchKey,
    confirmed: { score, achievedAt: T0 + finals },
    finals,
  });

  test('[TK9] finals that come out of order or twice leave the larger count', async () => {
    const season = await matchSeason();
    await ports.live.confirm(season, [final(9, 2, SECOND)], T0);
    const before = await entriesInRedis(ports, season);
    await ports.live.confirm(season, [final(5, 1, FIRST), final(9, 2, SECOND)], T0);
    expect(await entriesInRedis(ports, season)).toEqual(before);
  });

  test('[TK9] the final of an older match leaves the newer match that is being played', async () => {
    const season = await matchSeason();
    await ports.live.tick(season, [tickOf('a', 50, { matchKey: SECOND })]);
    await ports.live.confirm(season, [final(5, 1, FIRST)], T0);
    expect(await entriesInRedis(ports, season)).toMatchObject([
      { score: 50, confirmed: { score: 5 }, provisional: { score: 50 }, matchKey: SECOND, matchEnded: false },
    ]);
  });

  test('[TK9] a final that is already counted still ends its match', async () => {
    const season = await warm(ports, coldSeason({ kind: 'match', operator: 'sum' }));
    await ports.live.tick(season, [tickOf('a', 50, { matchKey: SECOND })]);
    await ports.live.confirm(season, [final(60, 2, FIRST)], T0);
    expect(await ports.live.ranks(season, ['a'])).toMatchObject({ entries: [{ score: 110 }] });
    await ports.live.confirm(season, [final(50, 1, SECOND)], T0);
    expect(await ports.live.ranks(season, ['a'])).toMatchObject({ entries: [{ score: 60 }] });
  });
});

describe('reads', () => {
  test('[EN3] around is clamped at both ends and empty for a player without an entry', async () => {
    const season = await openSeason();
    await ports.live.tick(
      season,
      [1, 2, 3, 4].map((n) => tickOf(`p${n}`, n)),
    );
    const around = async (player: string, above: number, below: number) => {
      const result = await ports.live.around(season, { player, above, below });
      return result.kind === 'ok' && result.entries.map((entry) => `${entry.rank} ${entry.player}`);
    };
    expect(await around('p4', 2, 1)).toEqual(['1 p4', '2 p3']);
    expect(await around('p1', 1, 5)).toEqual(['3 p2', '4 p1']);
    expect(await around('p3', 0, 0)).toEqual(['2 p3']);
    expect(await around('nobody', 2, 2)).toEqual([]);
  });
});

test('[PR1] at the dirty limit other entries are refused, and dirty, claimed and unchanged ones are answered as ever', async () => {
  const flush = { dirtyBackground: 1, dirtyLimit: 4 };
  const season = await warm(ports, coldSeason({ kind: 'open', operator: 'latest', flush }));
  const send = async (...ticks: TickWrite[]) =>
    taken(await ports.live.tick(season, ticks)).outcomes.map(({ refused, score }) => [refused, score]);
  const OVER = 'OVERLOADED';
  await send(tickOf('clean', 7, { seq: 1 }));
  const { claim } = await claimAll(ports, season);
  await ports.queue.ack(season, claim, ['clean'], true);
  await send(tickOf('claimed', 1), tickOf('claimed2', 1));
  await claimAll(ports, season);
  // One batch goes over the limit: what comes first has the room, a second tick of the same player too.
  expect(
    await send(
      tickOf('a', 1),
      tickOf('b', 1),
      tickOf('c', 1),
      tickOf('a', 2),
      tickOf('c', 5),
      tickOf('b', 3),
    ),
  ).toEqual([
    ...[
      [undefined, 1],
      [undefined, 1],
      [OVER, 0],
      [undefined, 2],
      [OVER, 0],
      [undefined, 3],
    ],
  ]);
  expect(
    await send(tickOf('claimed', 2), tickOf('a', 9), tickOf('clean', 8, { seq: 2 }), tickOf('d', 1)),
  ).toEqual([
    [undefined, 2],
    [undefined, 9],
    [OVER, 7],
    [OVER, 0],
  ]);
  // What changes nothing needs no room: a repeat, the same score, the same score with a newer seq, which is kept.
  const same = [tickOf('clean', 9, { seq: 1 }), tickOf('clean', 7), tickOf('clean', 7, { seq: 5 })];
  expect(await send(...same)).toEqual([
    [undefined, 7],
    [undefined, 7],
    [undefined, 7],
  ]);
  const [entry] = (await entriesInRedis(ports, season)).filter(({ player }) => player === 'clean');
  expect(entry).toMatchObject({ score: 7, seqs: ';w=5;' });
  const players = (await entriesInRedis(ports, season)).map(({ player }) => player).sort();
  expect(players).toEqual(['a', 'b', 'claimed', 'claimed2', 'clean']);
});
