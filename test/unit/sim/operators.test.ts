import { describe, expect, test } from 'vitest';
import {
  bank,
  type Operator,
  play,
  type Reached,
  type Rules,
  shown,
} from '../../../client-sim/src/books/operators.ts';
import type { SortOrder } from '../../../client-sim/src/books/order.ts';

const reached = (score: number, at: number): Reached => ({ score, notBefore: at, notAfter: at + 1 });
const rules = (operator: Operator, sort: SortOrder = 'desc'): Rules => ({ operator, sort });

describe('the operators of the books', () => {
  test.each<[Operator, SortOrder, number, number, number]>([
    ['best', 'desc', 10, 7, 10],
    ['best', 'desc', 7, 10, 10],
    ['best', 'asc', 10, 7, 7],
    ['latest', 'desc', 10, 7, 7],
    ['latest', 'asc', 7, 10, 10],
    ['sum', 'desc', 10, 7, 17],
    ['sum', 'asc', 10, -7, 3],
  ])('[SIM2] %s on %s of banked %i and played %i shows %i', (operator, sort, banked, playing, score) => {
    expect(shown(rules(operator, sort), reached(banked, 1), reached(playing, 5))?.score).toBe(score);
  });

  test('[SIM2] one alone is shown as it is', () => {
    expect(shown(rules('sum'), undefined, reached(3, 1))).toEqual(reached(3, 1));
    expect(shown(rules('best'), reached(3, 1), undefined)).toEqual(reached(3, 1));
    expect(shown(rules('latest'), undefined, undefined)).toBeUndefined();
  });

  test('[SIM2] an equal best keeps the time of the banked one; a sum has the later time', () => {
    expect(shown(rules('best'), reached(3, 1), reached(3, 9))?.notBefore).toBe(1);
    expect(shown(rules('sum'), reached(3, 1), reached(0, 9))?.notBefore).toBe(9);
  });

  test.each<[Operator, number, number, Reached]>([
    ['best', 10, 7, reached(10, 1)],
    ['best', 10, 10, reached(10, 1)],
    ['best', 7, 10, reached(10, 5)],
    ['latest', 10, 7, reached(7, 5)],
    ['latest', 10, 10, reached(10, 1)],
    ['sum', 10, 7, reached(17, 5)],
    ['sum', 10, 0, reached(10, 1)],
  ])('[SIM2] %s of banked %i and a final %i', (operator, before, final, after) => {
    expect(bank(rules(operator), reached(before, 1), reached(final, 5))).toEqual(after);
  });

  test('[SIM2] a tick says the score or adds to it, and an unchanged score keeps its time', () => {
    const at = (time: number) => ({ notBefore: time, notAfter: time + 1 });
    expect(play(undefined, { score: 4 }, at(1))).toEqual(reached(4, 1));
    expect(play(reached(4, 1), { score: 4 }, at(2))).toEqual(reached(4, 1));
    expect(play(reached(4, 1), { score: 2 }, at(2))).toEqual(reached(2, 2));
    expect(play(reached(4, 1), { delta: -6 }, at(2))).toEqual(reached(-2, 2));
    expect(play(reached(4, 1), { delta: 0 }, at(2))).toEqual(reached(4, 1));
  });
});
