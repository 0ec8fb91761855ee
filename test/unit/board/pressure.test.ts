import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveSeason, TickOutcome } from '../../../server/src/board/live-board.ts';
import { Pressure } from '../../../server/src/board/pressure.ts';
import { TickIntake } from '../../../server/src/board/tick-intake.ts';

const season = (flush: Partial<Board['flush']>): LiveSeason => ({
  id: 's1',
  board: boardSchema.parse({ id: 'b1', title: 'B', kind: 'open', flush }),
});
const limits = season({ dirtyBackground: 1_000, dirtyLimit: 11_000 });

function measured() {
  const held: number[] = [];
  const pressure = new Pressure({ held: (ms) => held.push(ms) });
  // Settles at 50,000 rows a second; small passes are not measured.
  for (let i = 0; i < 30; i++) pressure.flushed({ rows: 5_000, ms: 100 });
  pressure.flushed({ rows: 1, ms: 100 });
  return { pressure, held };
}

describe('how long acks wait', () => {
  it('[PR2] not at all up to the background, above it for the time that the flush needs, at most a second', () => {
    const { pressure, held } = measured();
    expect([0, 1_000].map((dirty) => pressure.ackDelayMs(limits, dirty))).toEqual([0, 0]);
    expect(held).toEqual([]);
    expect([2_000, 6_000, 11_000].map((dirty) => pressure.ackDelayMs(limits, dirty))).toEqual([20, 100, 200]);
    expect(pressure.ackDelayMs(limits, 10_000_000)).toBe(1_000);
    expect(held).toEqual([20, 100, 200, 1_000]);
  });

  it('[PR2] in an outage by how near the limit is, until a flush works again', () => {
    const { pressure } = measured();
    pressure.failed();
    expect([1_000, 2_000, 6_000, 11_000, 30_000].map((dirty) => pressure.ackDelayMs(limits, dirty))).toEqual([
      0, 100, 500, 1_000, 1_000,
    ]);
    pressure.flushed({ rows: 5_000, ms: 100 });
    expect(pressure.ackDelayMs(limits, 2_000)).toBe(20);
  });

  it('[PR5] a background past the limit is refused by name', () => {
    const wrong = { id: 'b', title: 'B', flush: { dirtyBackground: 11, dirtyLimit: 10 } };
    const [issue] = boardSchema.safeParse(wrong).error?.issues ?? [];
    expect(issue).toMatchObject({ path: ['flush', 'dirtyBackground'] });
    expect(boardSchema.parse({ id: 'b', title: 'B' }).flush).toMatchObject({ dirtyLimit: 1_000_000 });
  });
});

describe('held acks', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('[PR3] later batches are applied meanwhile, and a drain waits for what is held', async () => {
    const outcome: TickOutcome = {
      ...{ refused: undefined, rank: 1, previousRank: 0, score: 1, previousScore: undefined },
      ...{ improved: true, repeat: false },
    };
    const tick = vi.fn(async (_: LiveSeason, ticks: readonly unknown[]) => {
      const outcomes = ticks.map(() => outcome);
      return { kind: 'ok' as const, epoch: 1, version: 1, dirty: 9, outcomes };
    });
    const delays = [300, 0];
    const intake = new TickIntake({
      ticks: { apply: tick },
      acks: { needsMore: () => false, assertAvailable: vi.fn(), earn: vi.fn() },
      clock: () => 0,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      observer: { batch() {}, failed() {}, refusedAtTheDoor() {} },
      pressure: { ackDelayMs: () => delays.shift() ?? 0 },
      onDirty() {},
      onNotOpen() {},
    });
    const acked: number[] = [];
    const sink = { ticked: (ticket: number) => void acked.push(ticket), tickFailed() {} };
    const send = (ticket: number) =>
      intake.submit({ season: limits, matchKey: '' }, { player: `p${ticket}`, score: 1 }, 'w', {
        ...{ sink, ticket },
      });
    send(1);
    await vi.advanceTimersByTimeAsync(1);
    send(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(tick).toHaveBeenCalledTimes(2);
    expect(acked).toEqual([2]);
    expect(intake.depth).toBe(1);
    const drained = intake.drain().then(() => [...acked]);
    await vi.advanceTimersByTimeAsync(300);
    expect(await drained).toEqual([2, 1]);
    expect(intake.depth).toBe(0);
  });
});
