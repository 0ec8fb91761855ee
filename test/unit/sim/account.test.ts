import { describe, expect, test } from 'vitest';
import { Account, type Fate } from '../../../client-sim/src/books/account.ts';
import type { Operator } from '../../../client-sim/src/books/operators.ts';

/** An account with ticks as [score, fate], sent ten milliseconds apart and answered five later. */
function account(
  operator: Operator,
  ticks: [score: number, fate: Fate][],
  tell: 'score' | 'delta' = 'score',
) {
  const made = new Account('ann', { operator, sort: 'desc' });
  for (const [i, [value, fate]] of ticks.entries())
    made.sent({ seq: i + 1, [tell]: value, intendedAt: i * 10, answeredAt: i * 10 + 5, fate });
  return made;
}

describe('an account', () => {
  test('[SIM3] the last acked tick by seq is what must be seen', () => {
    const made = account('best', [
      [10, 'acked'],
      [30, 'acked'],
      [20, 'acked'],
      [25, 'refused'],
    ]);
    expect(made.judge(20)).toEqual({ kind: 'right' });
    expect(made.shown).toEqual({ score: 20, notBefore: 20, notAfter: 25 });
  });

  test('[SIM3] acked ticks newer than what is seen are lost', () => {
    const made = account('best', [
      [10, 'acked'],
      [20, 'acked'],
      [30, 'acked'],
    ]);
    expect(made.judge(20)).toEqual({ kind: 'wrong', expected: 30, lostTicks: 1 });
    expect(made.judge(10)).toEqual({ kind: 'wrong', expected: 30, lostTicks: 2 });
    expect(made.judge(undefined)).toEqual({ kind: 'wrong', expected: 30, lostTicks: 3 });
    expect(made.judge(99)).toEqual({ kind: 'wrong', expected: 30, lostTicks: 3 });
  });

  test('[SIM3] a tick of unknown outcome may be seen or not; one that an acked tick replaced may not', () => {
    const newest = account('best', [
      [10, 'acked'],
      [20, 'unknown'],
    ]);
    expect(newest.judge(10)).toEqual({ kind: 'right' });
    expect(newest.judge(20)).toEqual({ kind: 'uncertain' });
    expect(newest.judge(15)).toMatchObject({ kind: 'wrong' });
    const replaced = account('best', [
      [10, 'acked'],
      [20, 'unknown'],
      [30, 'acked'],
    ]);
    expect(replaced.judge(20)).toMatchObject({ kind: 'wrong' });
  });

  test('[SIM3] deltas add up, and one of unknown outcome makes the sum uncertain', () => {
    expect(
      account(
        'sum',
        [
          [4, 'acked'],
          [5, 'refused'],
          [6, 'acked'],
        ],
        'delta',
      ).judge(10),
    ).toEqual({ kind: 'right' });
    expect(
      account(
        'sum',
        [
          [4, 'acked'],
          [5, 'unknown'],
          [6, 'acked'],
        ],
        'delta',
      ).judge(15),
    ).toEqual({
      kind: 'uncertain',
    });
  });

  test('[SIM3] a final replaces the match that was played, by the operator', () => {
    const shownAfter = (operator: Operator) => {
      const made = account(operator, [[10, 'acked']]);
      made.final({ score: 12, notBefore: 50, notAfter: 60 });
      made.matchBegins();
      made.sent({ seq: 9, score: 5, intendedAt: 100, answeredAt: 101, fate: 'acked' });
      return made.shown?.score;
    };
    expect([shownAfter('best'), shownAfter('latest'), shownAfter('sum')]).toEqual([12, 5, 17]);
  });

  test('[SIM3] what the snapshot keeps of the match being played is judged by itself', () => {
    const made = account('best', []);
    made.final({ score: 100, notBefore: 1, notAfter: 2 });
    made.matchBegins();
    for (const [i, score] of [3, 4].entries())
      made.sent({ seq: i + 1, score, intendedAt: 10, answeredAt: 11, fate: 'acked' });
    expect(made.judge(100)).toEqual({ kind: 'right' });
    expect(made.judgePlaying(3)).toEqual({ kind: 'wrong', expected: 4, lostTicks: 1 });
    expect(made.judgePlaying(4)).toEqual({ kind: 'right' });
  });
});
