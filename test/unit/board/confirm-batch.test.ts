import { boardSchema } from '@photofinish/shared/domain/board';
import { expect, test } from 'vitest';
import { ConfirmBatch } from '../../../server/src/board/confirm-batch.ts';
import type { ConfirmedWrite, LiveBoard, LiveSeason } from '../../../server/src/board/live-board.ts';

const season = (id: string): LiveSeason => ({ id, board: boardSchema.parse({ id: 'b', title: 'B' }) });
const write = (player: string): ConfirmedWrite => ({
  ...{ player, matchKey: 'm', finals: 1 },
  confirmed: { score: player.length, achievedAt: 1 },
});

function setUp(fails = false) {
  const calls: string[] = [];
  const confirm: LiveBoard['confirm'] = async (of, writes) => {
    calls.push(`${of.id}: ${writes.map(({ player }) => player).join(' ')}`);
    if (fails) throw new Error('redis is gone');
    const entries = writes.map(({ confirmed }) => ({ rank: confirmed.score, score: confirmed.score }));
    return { kind: 'ok', epoch: 1, version: 1, entries: entries as never };
  };
  return {
    calls,
    batch: new ConfirmBatch({ live: { confirm }, warmer: { warm: async () => {} }, clock: () => 1 }),
  };
}

test('[FN1] finals of one turn go live in one call per season, and each gets its own places', async () => {
  const { calls, batch } = setUp();
  const answers = await Promise.all([
    batch.confirm(season('s1'), [write('a'), write('bb')]),
    batch.confirm(season('s2'), [write('ccc')]),
    batch.confirm(season('s1'), [write('dddd')]),
    batch.confirm(season('s1'), []),
  ]);
  expect(calls.sort()).toEqual(['s1: a bb dddd', 's2: ccc']);
  expect(answers.map((places) => places.map(({ rank }) => rank))).toEqual([[1, 2], [3], [4], []]);
});

test('[FN1] a call that fails fails for all who asked, and the next one is another', async () => {
  const { calls, batch } = setUp(true);
  const asked = ['a', 'b'].map((player) => batch.confirm(season('s1'), [write(player)]));
  for (const one of asked) await expect(one).rejects.toThrow('redis is gone');
  await expect(batch.confirm(season('s1'), [write('c')])).rejects.toThrow();
  expect(calls).toEqual(['s1: a b', 's1: c']);
});
