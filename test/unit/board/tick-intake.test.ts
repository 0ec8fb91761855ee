import { boardSchema } from '@photofinish/shared/domain/board';
import { expect, it, vi } from 'vitest';
import type { LiveSeason, TickOutcome } from '../../../server/src/board/live-board.ts';
import { TickIntake } from '../../../server/src/board/tick-intake.ts';

const season: LiveSeason = { id: 's1', board: boardSchema.parse({ id: 'b1', title: 'B', kind: 'open' }) };
const outcome: TickOutcome = {
  ...{ refused: undefined, rank: 1, previousRank: 0, score: 1, previousScore: undefined },
  ...{ improved: true, repeat: false },
};

/** @param failing batches, from 1, whose answering throws */
function opened(failing: readonly number[] = []) {
  const events: string[] = [];
  let [sent, answered] = [0, 0];
  const answers: (() => void)[] = [];
  const intake = new TickIntake({
    ticks: {
      apply: async (_, ticks) => {
        events.push(`sent ${++sent}`);
        await new Promise<void>((resolve) => answers.push(resolve));
        return { kind: 'ok', epoch: 1, version: sent, dirty: 0, outcomes: ticks.map(() => outcome) };
      },
    },
    acks: { needsMore: () => false, assertAvailable: vi.fn(), earn: vi.fn() },
    clock: () => 0,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    observer: { batch() {}, failed() {}, refusedAtTheDoor() {} },
    onDirty: () => {
      if (failing.includes(++answered)) throw new Error('told nobody');
    },
    onNotOpen() {},
  });
  const sink = {
    ticked: (ticket: number) => void events.push(`acked ${ticket}`),
    tickFailed: (ticket: number) => void events.push(`failed ${ticket}`),
  };
  const send = (ticket: number) =>
    intake.submit({ season, matchKey: '' }, { player: `p${ticket}`, score: 1 }, 'w', { sink, ticket });
  /** Redis answers what is under way. */
  const answer = async () => {
    await turn();
    for (const done of answers.splice(0)) done();
    await turn();
  };
  return { events, send, answer };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

it('[TK5] a batch goes out before the one before it is answered, and answers keep their order', async () => {
  const { events, send, answer } = opened();
  send(1);
  await turn();
  send(2);
  send(3);
  await answer();
  await answer();
  expect(events).toEqual(['sent 1', 'sent 2', 'acked 1', 'acked 2', 'acked 3']);
});

it('[TK5] a batch whose answering fails is told so, and those behind it are answered', async () => {
  const { events, send, answer } = opened([1]);
  send(1);
  await turn();
  send(2);
  await answer();
  await answer();
  send(3);
  await answer();
  expect(events).toEqual(['sent 1', 'sent 2', 'failed 1', 'acked 2', 'sent 3', 'acked 3']);
});
