import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import fc from 'fast-check';
import { nanoid } from 'nanoid';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { RedisLiveHiding } from '../../../server/src/redis/live-hiding.ts';
import { RedisWarmSeasons } from '../../../server/src/redis/warm-seasons.ts';
import { type EntryStep, stepsFor } from '../../contracts/entry-cases.ts';
import { claimAll, openPorts, type Ports, T0, taken, tickOf, warm } from './live-season.ts';
import { keysIn, recordsIn, StandingModel, standingIn, withWish } from './standing-model.ts';

let ports: Ports;
let hiding: RedisLiveHiding;
beforeAll(async () => {
  ports = await openPorts(inject('redisUrl'));
  hiding = new RedisLiveHiding(ports.redis);
});
afterAll(() => ports.close());

const RULES = (['ordinal', 'competition', 'dense'] as const).flatMap((ranking) =>
  ([undefined, 'arrival', 'key'] as const).flatMap((by) =>
    ([[], [{ id: 'laps', sortOrder: 'asc' as const }]] as const).map((columns) => ({ ranking, by, columns })),
  ),
);

const boardOf = (rules: (typeof RULES)[number], more: Partial<Board>): Board =>
  boardSchema.parse({
    id: `standing-${rules.ranking}-${rules.by ?? 'whole'}-${rules.columns.length}`,
    title: 't',
    ranking: rules.ranking,
    columns: [...rules.columns],
    ...(rules.by && { buckets: { size: 2, by: rules.by } }),
    ...more,
  });

type Step = EntryStep | { kind: 'hide' | 'show'; players: string[] } | { kind: 'rebuild' };

const someone = fc.uniqueArray(fc.constantFrom('B', 'a', 'b', '-x', '~', '_1', 'nobody'), { maxLength: 3 });
const stepsOf = (board: Board): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      stepsFor(board),
      fc.array(
        fc.oneof(
          fc.record({ kind: fc.constantFrom('hide' as const, 'show' as const), players: someone }),
          fc.constant({ kind: 'rebuild' as const }),
        ),
        { maxLength: 6 },
      ),
      fc.infiniteStream(fc.nat({ max: 20 })),
    )
    .map(([steps, others, where]) => {
      const all: Step[] = [...steps];
      for (const other of others) all.splice(where.next().value % (all.length + 1), 0, other);
      return all;
    });

async function run(model: StandingModel, steps: readonly Step[]): Promise<void> {
  const { board } = model;
  const season = await warm(ports, { id: nanoid(), board });
  let version = 0;
  for (const step of steps) {
    if (step.kind === 'ticks') {
      const ticks = step.ticks.map((tick) => withWish(board, tick));
      const { outcomes } = taken(await ports.live.tick(season, ticks));
      const places = model.apply({ kind: 'ticks', ticks });
      expect(outcomes.map(placeIn)).toEqual(places);
    } else if (step.kind === 'confirm') {
      const writes = step.writes.map((write) => {
        const { bucket } = withWish(board, { player: write.player } as never);
        return bucket === undefined ? write : { ...write, bucket };
      });
      const result = await ports.live.confirm(season, writes, step.now);
      const places = model.apply({ ...step, writes });
      expect(result.kind === 'ok' && result.entries.map(placeIn)).toEqual(places);
    } else if (step.kind === 'rebuild') {
      const records = await recordsIn(ports, season);
      await ports.redis.del(await keysIn(ports, season));
      await warm(ports, season, { records, hidden: [...model.hidden] });
      version = 0;
    } else {
      const hides = step.kind === 'hide';
      for (const player of step.players) hides ? model.hidden.add(player) : model.hidden.delete(player);
      version += 1;
      const [hide, show] = hides ? [step.players, []] : [[], step.players];
      await hiding.setHidden(season, { hide, show, version, after: version - 1 });
    }
  }
  expect(await standingIn(ports, season)).toEqual(model.standing());
  for await (const page of hiding.hidden(season)) expect([...page].sort()).toEqual([...model.hidden].sort());
  await new RedisWarmSeasons(ports.redis).evict(season);
}

const placeIn = (of: { rank: number; hidden?: boolean; bucket?: string; bucketRank?: number }) => ({
  rank: of.rank,
  ...(of.hidden ? { hidden: true } : {}),
  ...(of.bucket === undefined ? {} : { bucket: of.bucket, bucketRank: of.bucketRank }),
});

describe('against the model', () => {
  for (const rules of RULES)
    test(`[SP1, SP2, SP3, HI4] rankings, buckets and levels are what the entries say: ${rules.ranking}, ${rules.by ?? 'no buckets'}, ${rules.columns.length} columns`, async () => {
      const more = fc.record({
        kind: fc.constantFrom('open' as const, 'match' as const),
        operator: fc.constantFrom('best' as const, 'latest' as const, 'sum' as const),
        sortOrder: fc.constantFrom('desc' as const, 'asc' as const),
      });
      await fc.assert(
        fc.asyncProperty(
          more.chain((of) => {
            const board = boardOf(rules, of);
            return fc.tuple(fc.constant(board), stepsOf(board));
          }),
          ([board, steps]) => run(new StandingModel(board), steps),
        ),
        { numRuns: 40 },
      );
    });
});

const bucketed = (more: Partial<Board> = {}) =>
  boardSchema.parse({ id: 'bucketed', title: 't', kind: 'open', buckets: { size: 2 }, ...more });

const record = (player: string, score: number, bucket?: string): EntryRecord => ({
  ...{
    player,
    rev: 0,
    score,
    achievedAt: T0,
    confirmed: undefined,
    finals: 0,
    matchKey: '',
    matchEnded: false,
  },
  ...{ provisional: { score, achievedAt: T0 }, seqs: '', bucket },
});

const bucketsIn = async (season: { id: string; board: Board }) =>
  Object.fromEntries((await recordsIn(ports, season)).map(({ player, bucket }) => [player, bucket]));

describe('buckets', () => {
  test('[SP2] a rebuild moves nobody whose bucket has room, fills no bucket past its size, and flushes what is new', async () => {
    const season = await warm(
      ports,
      { id: nanoid(), board: bucketed() },
      {
        // Two lives of the season gave the first bucket away: three have a place in it, and one has none.
        records: [
          record('a', 1),
          record('b', 2, '2'),
          ...['c', 'd', 'e'].map((player) => record(player, 3, '1')),
        ],
      },
    );
    const buckets = await bucketsIn(season);
    expect(buckets).toMatchObject({ b: '2', c: '1', d: '1' });
    expect([buckets['a'], buckets['e']].sort()).toEqual(['2', '3']);
    const { records } = await claimAll(ports, season);
    expect([...records].map(([player, { bucket }]) => [player, bucket]).sort()).toEqual([
      ['a', buckets['a']],
      ['e', buckets['e']],
    ]);
    expect((await standingIn(ports, season)).buckets.map(([name, count]) => [name, count])).toEqual([
      ['1', 2],
      ['2', 2],
      ['3', 1],
    ]);
  });

  test('[SP2] what is applied again gets the bucket that was acked, unless it is full by then', async () => {
    const season = await warm(ports, { id: nanoid(), board: bucketed() });
    const { outcomes } = taken(
      await ports.live.tick(season, [
        { ...tickOf('a', 1), bucket: '7' },
        { ...tickOf('b', 1), bucket: '7' },
        { ...tickOf('c', 1), bucket: '7' },
        tickOf('d', 1),
        tickOf('e', 1),
      ]),
    );
    expect(outcomes.map(({ bucket }) => bucket)).toEqual(['7', '7', '1', '1', '2']);
    // With an entry, a wish is not heard.
    const again = taken(await ports.live.tick(season, [{ ...tickOf('e', 9), bucket: '7' }]));
    expect(again.outcomes).toMatchObject([{ bucket: '2', bucketRank: 1, rank: 1 }]);
  });

  test('[SP2] a batch of five hundred newcomers fills bucket after bucket', async () => {
    const season = await warm(ports, {
      id: nanoid(),
      board: bucketed({ buckets: { size: 3, by: 'arrival' } }),
    });
    const ticks = Array.from({ length: 500 }, (_, i) => tickOf(`p${i}`, i));
    const { outcomes } = taken(await ports.live.tick(season, ticks));
    for (const [i, { bucket }] of outcomes.entries()) expect(bucket).toBe(String(Math.floor(i / 3) + 1));
    const told = await standingIn(ports, season);
    expect(told.buckets).toHaveLength(167);
    expect(told.buckets.every(([, count]) => Number(count) <= 3)).toBe(true);
  });
});

test('[SP4] a season that leaves memory takes all of its places along', async () => {
  const board = bucketed({ ranking: 'dense' });
  const season = await warm(
    ports,
    { id: nanoid(), board },
    { records: [record('a', 1, '1')], hidden: ['h'] },
  );
  await ports.live.tick(season, [tickOf('b', 1), tickOf('c', 2), tickOf('h', 3)]);
  const { claim } = await claimAll(ports, season);
  await ports.queue.ack(season, claim, ['a', 'b', 'c', 'h'], true);
  expect((await keysIn(ports, season)).length).toBeGreaterThan(7);
  expect(await new RedisWarmSeasons(ports.redis).evict(season)).toBe(true);
  expect(await keysIn(ports, season)).toEqual([]);
});

test('[SP4] a build that was left takes all of its places along when the next one begins', async () => {
  const season = { id: nanoid(), board: bucketed({ ranking: 'dense' }) };
  const { builder } = ports;
  await builder.lock(season, 'one', 10_000);
  await builder.begin(season, 'one');
  await builder.hide(season, 'one', ['h']);
  await builder.fill(season, 'one', [record('a', 1, '1'), record('b', 1), record('h', 1, '4')]);
  await builder.unlock(season, 'one');
  await warm(ports, season);
  expect((await keysIn(ports, season)).filter((key) => !key.endsWith(':meta'))).toEqual([]);
});
