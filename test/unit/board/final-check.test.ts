import { boardSchema } from '@photofinish/shared/domain/board';
import { expect, test } from 'vitest';
import { type ComparedFinal, FinalCheck } from '../../../server/src/board/final-check.ts';
import type { NewFlag } from '../../../server/src/board/flag-store.ts';
import type { PlayedMatch } from '../../../server/src/board/live-board.ts';
import type { Warmer } from '../../../server/src/flush/warmer.ts';

function check(played: Record<string, PlayedMatch>, noted: Record<string, number> = {}) {
  const asked: string[] = [];
  const flags: NewFlag[] = [];
  const kept = new FinalCheck({
    live: {
      played: async (_season, of) => {
        asked.push(`live ${of.map(({ player }) => player)}`);
        return { kind: 'ok', played: of.map(({ player }) => played[player] ?? { kind: 'none' }) };
      },
    },
    store: {
      notedTicks: async (_season, of) => {
        asked.push(`noted ${of.map(({ player }) => player)}`);
        return of.flatMap(({ match, player }) => {
          const score = noted[player];
          return score === undefined ? [] : [{ match, player, score }];
        });
      },
      raise: async (raised) => {
        flags.push(...raised);
        return raised.length;
      },
    },
    warmer: {} as Warmer,
    clock: () => 5,
    observer: { raised: () => undefined },
  });
  return { asked, flags, compare: kept.compare.bind(kept) };
}

const season = (tolerance?: number) => ({
  id: 's',
  board: boardSchema.parse({ id: 'b', title: 'B', finals: tolerance === undefined ? {} : { tolerance } }),
});
const final = (player: string, score: number, fresh = true): ComparedFinal => ({
  ...{ match: 'm', matchKey: 'k', player, score, fresh },
});

test('[FG1] a final is flagged past the tolerance, on either side, and not at it', async () => {
  const playing = { kind: 'playing', score: 100 } as const;
  const { flags, compare } = check({ a: playing, b: playing, c: playing, d: playing });
  await compare(season(10), [
    final('a', 110),
    final('b', 111),
    final('c', 90),
    final('d', 89),
    final('e', 1),
  ]);
  expect(flags.map(({ player, detail }) => [player, detail])).toEqual([
    ['b', { final: 111, lastTick: 100, tolerance: 10, source: 'live' }],
    ['d', { final: 89, lastTick: 100, tolerance: 10, source: 'live' }],
  ]);
});

test('[FG3] what Redis was told of by the database is compared with what the flusher left, once', async () => {
  const unknown = { kind: 'unknown' } as const;
  const { flags, asked, compare } = check(
    { a: unknown, b: unknown, c: { kind: 'over' } },
    { a: 50, b: 50, c: 50 },
  );
  await compare(season(10), [final('a', 99), final('b', 99, false), final('c', 99)]);
  expect(asked).toEqual(['live a,b,c', 'noted a']);
  expect(flags).toMatchObject([{ player: 'a', detail: { lastTick: 50, source: 'snapshot' } }]);
});

test('[FG8] without a tolerance nobody is asked', async () => {
  const { asked, compare } = check({});
  await compare(season(), [final('a', 99)]);
  expect(asked).toEqual([]);
});
