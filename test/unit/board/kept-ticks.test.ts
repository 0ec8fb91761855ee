import { boardSchema } from '@photofinish/shared/domain/board';
import { expect, it } from 'vitest';
import { KeptTicks } from '../../../server/src/board/kept-ticks.ts';
import type {
  LiveSeason,
  Position,
  TickBatchResult,
  TickWrite,
} from '../../../server/src/board/live-board.ts';
import { Redo } from '../../../server/src/board/redo.ts';

const season: LiveSeason = { id: 's1', board: boardSchema.parse({ id: 'b1', title: 'B', kind: 'open' }) };
const tick: TickWrite = {
  ...{ player: 'ann', writer: 'host', matchKey: '', score: 5, delta: undefined, seq: 1, at: 7 },
  ...{ columnsKey: undefined, metadata: undefined, bucket: undefined },
};

/** A season in memory, of which this server acked one tick at version 1 of epoch 1. */
async function acked() {
  const state = { warm: true, epoch: 1, builds: 0, redone: 0, watermark: undefined as Position | undefined };
  const outcome = {
    ...{ refused: undefined, rank: 1, previousRank: 0, score: 5, previousScore: undefined },
    ...{ improved: true, repeat: false },
  };
  const live = {
    tick: async (
      _: LiveSeason,
      ticks: readonly TickWrite[],
      of: { seen?: Position | undefined; redo?: boolean },
    ) => {
      if (!state.warm) return { kind: 'cold' } as const;
      const { epoch } = state;
      if (of.seen && of.seen.epoch !== epoch) return { kind: 'moved', epoch } as const;
      if (of.redo) state.redone += ticks.length;
      const outcomes = ticks.map(() => outcome);
      return { kind: 'ok', epoch, version: 1, dirty: 1, outcomes } satisfies TickBatchResult;
    },
  };
  const warmer = {
    warm: async () => {
      state.builds++;
      state.warm = true;
      state.epoch++;
    },
    heal: async () => {},
  };
  const redo = new Redo({
    live,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    observer: { redone() {}, dropped() {} },
    ticksMax: 10,
  });
  const store = { watermark: async () => state.watermark && { ...state.watermark, at: 0 } };
  const ticks = new KeptTicks({ live, warmer, redo, store });
  await ticks.apply(season, [tick]);
  return { state, redo, ticks };
}

it('[RE12] a season that left memory with all that was acked committed is not brought back by who looks after it', async () => {
  const { state, redo, ticks } = await acked();
  expect(redo.kept(season.id)).toBe(1);
  state.warm = false;
  state.watermark = { epoch: 1, version: 1 };
  expect(await ticks.apply(season, [])).toBeUndefined();
  expect(state.builds).toBe(0);
  expect(redo.kept(season.id)).toBe(0);
  expect(await ticks.apply(season, [tick])).toMatchObject({ kind: 'ok', epoch: 2 });
});

it('[RE3] one that left without is, and has it applied again', async () => {
  const { state, redo, ticks } = await acked();
  state.warm = false;
  expect(await ticks.apply(season, [])).toMatchObject({ kind: 'ok', epoch: 2 });
  expect(state).toMatchObject({ builds: 1, redone: 1 });
  expect(redo.kept(season.id)).toBe(1);
});
