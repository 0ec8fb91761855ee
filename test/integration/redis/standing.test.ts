import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import fc from 'fast-check';
import { nanoid } from 'nanoid';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RedisLiveHiding } from '../../../server/src/redis/live-hiding.ts';
import { RedisSeasonMemory } from '../../../server/src/redis/season-memory.ts';
import { type EntryStep, stepsFor } from '../../contracts/entry-cases.ts';
import { openPorts, type Ports, taken, warm } from './live-season.ts';
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
  await new RedisSeasonMemory(ports.redis).forget(season);
}

const placeIn = (of: { rank: number; hidden?: boolean; bucket?: string; bucketRank?: number }) => ({
  rank: of.rank,
  ...(of.hidden ? { hidden: true } : {}),
  ...(of.bucket === undefined ? {} : { bucket: of.bucket, bucketRank: of.bucketRank }),
});

describe('against the model', () => {
  for (const rules of RULES)
    test(`[PL1, PL2, PL3, HI4] rankings, buckets and levels are what the entries say: ${rules.ranking}, ${rules.by ?? 'no buckets'}, ${rules.columns.length} columns`, async () => {
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
