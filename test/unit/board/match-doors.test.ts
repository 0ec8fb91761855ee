import { Fault } from '@photofinish/shared/protocol/errors';
import { expect, test } from 'vitest';
import type { Match } from '../../../server/src/board/board-store.ts';
import { MatchDoors } from '../../../server/src/board/match-doors.ts';
import type { MatchEntry } from '../../../server/src/board/match-players-store.ts';

const match = (id: string, more: Partial<Match> = {}): Match => ({
  ...{ id, season: 's', board: 'b', startedAt: 1, endedAt: undefined, limits: {}, rostered: false },
  abandoned: false,
  ...more,
});

function doors(answer: (entry: MatchEntry) => 'joined' | Fault = () => 'joined') {
  const calls: MatchEntry[][] = [];
  const kept = new MatchDoors({
    clock: () => 0,
    store: {
      join: async (entries) => {
        calls.push([...entries]);
        return entries.map((entry) => {
          const verdict = answer(entry);
          if (verdict instanceof Fault) throw verdict;
          return { kind: verdict };
        });
      },
    },
  });
  return { calls, of: (of: Match) => kept.of(of) };
}

test('[MT8] a match without limits and without a roster has no door', () => {
  const { of } = doors();
  expect(of(match('m'))).toBeUndefined();
  expect(of(match('m', { limits: { playersMax: 2 } }))).toBeDefined();
  expect(of(match('m', { rostered: true }))).toBeDefined();
});

test('[MT7] players who come together join in one call, and are not asked about again', async () => {
  const { of, calls } = doors();
  const a = of(match('a', { limits: { playersMax: 9 } }));
  const b = of(match('b', { rostered: true }));
  await Promise.all([a?.learn(['x', 'y']), b?.learn(['x']), a?.learn(['z'])]);
  expect(calls).toEqual([
    [
      { match: 'a', player: 'x' },
      { match: 'a', player: 'y' },
      { match: 'b', player: 'x' },
      { match: 'a', player: 'z' },
    ],
  ]);
  expect(a?.learn(['x', 'y', 'z'])).toBeUndefined();
  expect(() => a?.pass('x')).not.toThrow();
});

test('[MT7] while Postgres is away who joined plays on, and others are refused as retryable and learnt later', async () => {
  let away: Fault | undefined;
  const { of } = doors(() => away ?? 'joined');
  const door = of(match('a', { limits: { playersMax: 9 } }));
  await door?.learn(['x']);
  away = new Fault('OUTCOME_UNKNOWN', 'the answer was lost');
  await expect(door?.learn(['x', 'y'])).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  expect(door?.learn(['x'])).toBeUndefined();
  expect(() => door?.pass('x')).not.toThrow();
  away = undefined;
  await door?.learn(['y']);
  expect(() => door?.pass('y')).not.toThrow();
});
