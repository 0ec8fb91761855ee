import { describe, expect, test } from 'vitest';
import { inOrder, type SortOrder } from '../../../client-sim/src/books/order.ts';

const players = (sort: SortOrder, places: [player: string, score: number, achievedAt: number][]) =>
  inOrder(
    sort,
    places.map(([player, score, achievedAt]) => ({ player, score, achievedAt })),
  ).map(({ player }) => player);

describe('the order of the books', () => {
  test.each<[string, SortOrder, [string, number, number][], string[]]>([
    [
      'the larger score on desc',
      'desc',
      [
        ['a', 1, 1],
        ['b', 2, 9],
      ],
      ['b', 'a'],
    ],
    [
      'the smaller score on asc',
      'asc',
      [
        ['a', 3, 1],
        ['b', -2, 9],
      ],
      ['b', 'a'],
    ],
    [
      'who reached it first on desc',
      'desc',
      [
        ['a', 5, 20],
        ['b', 5, 10],
      ],
      ['b', 'a'],
    ],
    [
      'who reached it first on asc',
      'asc',
      [
        ['a', 5, 20],
        ['b', 5, 10],
      ],
      ['b', 'a'],
    ],
    [
      'ids by bytes: capitals before small letters',
      'desc',
      [
        ['a', 5, 1],
        ['B', 5, 1],
      ],
      ['B', 'a'],
    ],
    [
      'ids by bytes: the shorter one before',
      'asc',
      [
        ['ab', 5, 1],
        ['a', 5, 1],
      ],
      ['a', 'ab'],
    ],
    ['ids by bytes: - . 0 A _ a ~', 'desc', [...'~a_A0.-'].map((id) => [id, 0, 0]), [...'-.0A_a~']],
  ])('[SIM1] %s stands above', (_, sort, places, expected) => {
    expect(players(sort, places)).toEqual(expected);
  });
});
