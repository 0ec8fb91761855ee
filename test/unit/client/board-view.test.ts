import { applyDelta, type BoardView } from '@photofinish/shared/client/board-view';
import type { Push } from '@photofinish/shared/protocol/pushes';
import type { RankedEntry } from '@photofinish/shared/protocol/reads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const player = fc.constantFrom('ann', 'bob', 'cid', 'dot', 'eve', 'fay', 'gus');
const rows = fc
  .uniqueArray(fc.record({ player, score: fc.integer({ min: 0, max: 3 }) }), {
    selector: (row) => row.player,
  })
  .map((list): RankedEntry[] => list.map((row, i) => ({ ...row, rank: i + 1, achievedAt: 1 })));

const viewWith = (entries: RankedEntry[], version: number): BoardView => ({
  season: 's1',
  state: 'open',
  epoch: 1,
  version,
  total: entries.length,
  entries,
});

/** As the protocol defines a delta: the rows whose place shows something new. */
const deltaBetween = (before: BoardView, after: BoardView): Push<'delta'> => ({
  type: 'delta',
  subscription: 1,
  season: after.season,
  from: { epoch: before.epoch, version: before.version },
  epoch: after.epoch,
  version: after.version,
  total: after.total,
  length: after.entries.length,
  changed: after.entries.filter((row, i) => {
    const old = before.entries[i];
    return old?.player !== row.player || old.score !== row.score;
  }),
});

describe('board view', () => {
  test('[SDK8] a delta turns what the client holds into exactly what the server holds', () => {
    fc.assert(
      fc.property(rows, rows, (before, after) => {
        const view = viewWith(before, 7);
        const next = viewWith(after, 9);
        const held = structuredClone(view);
        expect(applyDelta(view, deltaBetween(view, next))).toEqual(next);
        expect(view).toEqual(held);
      }),
    );
  });

  const view = viewWith([{ rank: 1, player: 'ann', score: 3, achievedAt: 1 }], 7);
  const fitting = deltaBetween(view, viewWith([{ rank: 1, player: 'ann', score: 4, achievedAt: 2 }], 8));
  test.each<[string, Partial<Push<'delta'>>]>([
    ['another version', { from: { epoch: 1, version: 6 } }],
    ['another epoch', { from: { epoch: 2, version: 7 } }],
    ['another season', { season: 's2' }],
    ['more rows than it brings', { length: 3 }],
    ['a row past its length', { length: 1, changed: [{ rank: 2, player: 'bob', score: 1, achievedAt: 1 }] }],
  ])('[SDK8] a delta from %s does not apply', (_, change) => {
    expect(applyDelta(view, fitting)).toBeDefined();
    expect(applyDelta(view, { ...fitting, ...change })).toBeUndefined();
  });
});
