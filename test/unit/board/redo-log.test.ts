import { type BoardInput, boardSchema } from '@photofinish/shared/domain/board';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  LiveBoard,
  SentTicks,
  TickMode,
  TickOutcome,
  TickWrite,
} from '../../../server/src/board/live-board.ts';
import { Redo } from '../../../server/src/board/redo.ts';
import { RedoLog } from '../../../server/src/board/redo-log.ts';

const season = (board: Partial<BoardInput>) => ({
  id: 's1',
  board: boardSchema.parse({ id: 'b1', title: 'B', ...board }),
});
const tick = (of: Partial<TickWrite>): TickWrite => ({
  ...{ player: 'ada', writer: 'w', matchKey: '', score: undefined, delta: undefined, seq: undefined, at: 1 },
  ...of,
});
const done: TickOutcome = {
  ...{ refused: undefined, rank: 1, previousRank: 0, score: 1, previousScore: undefined },
  ...{ improved: true, repeat: false },
};
const at = (version: number, epoch = 1) => ({ epoch, version });
const kept = (log: RedoLog) => log.owedIn(0, 1_000).map((one) => one.tick);

describe('what a server keeps for redo', () => {
  it('[RE4] the last word of a writer in a match, since when it was first told', () => {
    const log = new RedoLog(season({}));
    log.keep(tick({ matchKey: 'm1', score: 5, seq: 1, at: 10 }), done, at(1));
    log.keep(tick({ matchKey: 'm1', score: 7, seq: 2, at: 20 }), done, at(2));
    log.keep(tick({ matchKey: 'm1', score: 7, seq: 3, at: 30 }), { ...done, improved: false }, at(2));
    log.keep(tick({ matchKey: 'm1', score: 5, seq: 1, at: 40 }), { ...done, repeat: true }, at(2));
    log.keep(tick({ matchKey: 'm2', score: 1, seq: 4, at: 50 }), { ...done, refused: 'MATCH_ENDED' }, at(2));
    expect(kept(log)).toEqual([tick({ matchKey: 'm1', score: 7, seq: 3, at: 20 })]);
  });

  it('[RE4] the best score of a player on an open board that keeps the best, whatever came after it', () => {
    const log = new RedoLog(season({ kind: 'open' }));
    log.keep(tick({ score: 9, seq: 1, at: 10 }), done, at(1));
    log.keep(tick({ score: 3, seq: 2, at: 20 }), done, at(1));
    log.keep(tick({ score: 9, seq: 3, at: 30 }), done, at(1));
    expect(kept(log)).toEqual([tick({ score: 9, at: 10 })]);
  });

  it('[EN7] columns with their score, and the metadata that the entry has', () => {
    const columns: BoardInput['columns'] = [{ id: 'laps' }];
    const best = new RedoLog(season({ kind: 'open', columns, entryMetadata: { keep: 'latest' } }));
    best.keep(tick({ score: 9, columnsKey: 'B', at: 10, metadata: '{"n":1}' }), done, at(1));
    best.keep(tick({ score: 9, columnsKey: 'C', at: 20, metadata: '{"n":2}' }), done, at(2));
    best.keep(tick({ score: 9, columnsKey: 'A', at: 30 }), done, at(3));
    expect(kept(best)).toEqual([tick({ score: 9, columnsKey: 'A', at: 30, metadata: '{"n":2}' })]);
    const last = new RedoLog(season({ columns, entryMetadata: {} }));
    const of = { matchKey: 'm1', score: 5 };
    last.keep(tick({ ...of, columnsKey: 'B', seq: 1, at: 10, metadata: '{"n":1}' }), done, at(1));
    last.keep(tick({ ...of, columnsKey: 'B', seq: 2, at: 20 }), done, at(2));
    expect(kept(last)).toEqual([tick({ ...of, columnsKey: 'B', seq: 2, at: 10, metadata: '{"n":1}' })]);
    last.keep(tick({ ...of, columnsKey: 'A', seq: 3, at: 30 }), done, at(3));
    expect(kept(last)).toEqual([tick({ ...of, columnsKey: 'A', seq: 3, at: 30, metadata: '{"n":1}' })]);
  });

  it('[RE4] every delta by itself, for the snapshot may hold some of them', () => {
    const log = new RedoLog(season({ kind: 'open', operator: 'sum' }));
    for (const seq of [1, 2, 3]) log.keep(tick({ delta: 5, seq }), done, at(seq));
    expect(kept(log).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('[RE4] a score that came after deltas stands behind them', () => {
    const log = new RedoLog(season({ operator: 'sum' }));
    log.keep(tick({ matchKey: 'm1', score: 10, seq: 1 }), done, at(1));
    log.keep(tick({ matchKey: 'm1', delta: 5, seq: 2 }), done, at(2));
    log.keep(tick({ matchKey: 'm1', score: 20, seq: 3 }), done, at(3));
    expect(kept(log).map(({ seq }) => seq)).toEqual([2, 3]);
  });

  it('[RE5] a tick that came after a watermark is kept, and what it replaces is forgotten with its own', () => {
    const log = new RedoLog(season({}));
    for (const player of ['ada', 'bo'])
      log.keep(tick({ player, matchKey: 'm1', score: 1, seq: 1 }), done, at(1));
    log.keep(tick({ player: 'bo', matchKey: 'm1', score: 2, seq: 2 }), done, at(2));
    log.prune(at(1));
    expect(kept(log)).toMatchObject([{ player: 'bo', score: 2 }]);
    log.keep(tick({ player: 'bo', matchKey: 'm1', score: 3, seq: 3 }), done, at(3));
    log.prune(at(2));
    expect(kept(log)).toMatchObject([{ player: 'bo', score: 3 }]);
    log.prune(at(3));
    expect(log.size).toBe(0);
  });

  it('[RE5] forgets what a watermark of the same epoch has passed, and nothing for one of another', () => {
    const log = new RedoLog(season({ kind: 'open', operator: 'sum' }));
    for (const seq of [1, 2, 3]) log.keep(tick({ delta: 5, seq }), done, at(seq));
    log.prune(at(9, 2));
    expect(log.size).toBe(3);
    log.prune(at(2));
    expect(kept(log).map(({ seq }) => seq)).toEqual([3]);
  });
});

describe('batches that are kept as they were sent', () => {
  const sentOf = (ticks: readonly TickWrite[]): SentTicks => ({
    count: ticks.length,
    unpack: () => [...ticks],
  });
  const boards: Partial<BoardInput>[] = [{}, { kind: 'open' }, { kind: 'open', operator: 'sum' }];

  /** What an entry holds after these ticks, as far as redo is concerned. */
  function played(board: Partial<BoardInput>, ticks: readonly TickWrite[], from = new Map<string, object>()) {
    const entries = new Map(from) as Map<string, { score: number; seq: number; at: number }>;
    for (const { player, score, delta, seq = 0, at } of ticks) {
      const held = entries.get(player);
      const isSeen = held !== undefined && seq > 0 && seq <= held.seq;
      if (board.operator === 'sum') {
        if (!isSeen) entries.set(player, { score: (held?.score ?? 0) + (delta ?? 0), seq, at: 0 });
      } else if (board.kind === 'open') {
        if (!held || (score ?? 0) > held.score) entries.set(player, { score: score ?? 0, seq: 0, at });
      } else if (!isSeen) {
        // When a score was reached that fell and came back is not known of its last word alone.
        entries.set(player, { score: score ?? 0, seq, at: 0 });
      }
    }
    return entries;
  }

  it('[RE4] bring back what a watermark has not passed, as ticks that are kept one by one do', () => {
    const anyTick = fc.record({
      player: fc.constantFrom('ada', 'bo', 'cy'),
      score: fc.integer({ min: 0, max: 3 }),
      refused: fc.boolean(),
    });
    const batch = fc.array(anyTick, { minLength: 1, maxLength: 4 });
    const step = fc.record({ batch, prune: fc.option(fc.nat(3)), isWhole: fc.boolean() });
    fc.assert(
      fc.property(fc.constantFrom(...boards), fc.array(step, { maxLength: 12 }), (board, steps) => {
        const log = new RedoLog(season(board));
        const taken: { tick: TickWrite; version: number }[] = [];
        let [seq, watermark] = [0, 0];
        for (const [i, { batch, prune, isWhole }] of steps.entries()) {
          const version = i + 1;
          const ticks = batch.map(({ player, score }) => {
            const amount = board.operator === 'sum' ? { delta: score } : { score };
            return tick({ player, ...amount, matchKey: board.kind ? '' : 'm', seq: ++seq, at: seq });
          });
          const outcomes = batch.map(
            ({ refused }): TickOutcome => ({ ...done, refused: refused ? 'OVERLOADED' : undefined }),
          );
          for (const [n, one] of ticks.entries()) if (!batch[n]?.refused) taken.push({ tick: one, version });
          log.keepBatch(ticks, { ...at(version), outcomes, sent: isWhole ? sentOf(ticks) : undefined });
          if (prune === null) continue;
          watermark = Math.max(watermark, version - prune);
          log.prune(at(watermark));
        }
        const committed = taken.filter(({ version }) => version <= watermark).map((one) => one.tick);
        const all = played(
          board,
          taken.map((one) => one.tick),
        );
        expect(played(board, kept(log), played(board, committed))).toEqual(all);
      }),
      { numRuns: 1_000 },
    );
  });

  it('[RE4] are looked into, the oldest first, when there are many', () => {
    const log = new RedoLog(season({ kind: 'open' }));
    const ticks = Array.from({ length: 500 }, (_, i) => tick({ player: `p${i}`, score: 1, seq: 1 }));
    const acked = (version: number) => ({
      ...at(version),
      outcomes: ticks.map(() => done),
      sent: sentOf(ticks),
    });
    for (let version = 1; version <= 500; version++) log.keepBatch(ticks, acked(version));
    expect(log.size).toBe(250_000);
    for (let version = 501; version <= 1_000; version++) log.keepBatch(ticks, acked(version));
    expect(log.size).toBe(250_500);
    log.prune(at(1_000));
    expect(log.size).toBe(0);
  });
});

describe('the redo of a server', () => {
  const told = { redone: [] as object[], dropped: 0 };
  const lines: string[] = [];
  const log = {
    ...{ debug: () => {}, info: () => {}, warn: () => {} },
    error: (_: object, line: string) => void lines.push(line),
  };
  const open = (ticksMax: number, live: LiveBoard['tick']) =>
    new Redo({
      live: { tick: live },
      log,
      ticksMax,
      observer: {
        redone: (count) => void told.redone.push(count),
        dropped: (count) => {
          told.dropped += count;
        },
      },
    });
  const acked = (ticks: readonly TickWrite[]) => ({ ...at(1), outcomes: ticks.map(() => done) });

  it('[RE6] is bounded: past its limit the oldest go, are counted, and it is said once', () => {
    const redo = open(10, () => Promise.reject(new Error('not asked')));
    const ticks = Array.from({ length: 25 }, (_, i) => tick({ player: `p${i}`, score: i }));
    for (const one of ticks) redo.keep(season({ kind: 'open' }), [one], acked([one]));
    expect(redo.size).toBe(10);
    expect(told.dropped).toBe(15);
    expect(redo.exposed('s1'), 'at risk until a watermark passes the newest of them').toBe(15);
    redo.prune('s1', at(0));
    expect(redo.exposed('s1')).toBe(15);
    expect(lines).toHaveLength(1);
    redo.prune('s1', at(1));
    expect(redo.size).toBe(0);
    expect(redo.seasons()).toEqual([]);
    expect(redo.exposed('s1')).toBe(0);
  });

  it('[RE7] counts what was applied, had, replaced and lost, and goes on where it was stopped', async () => {
    const modes: (TickMode | undefined)[] = [];
    const fates: TickOutcome[] = [
      done,
      { ...done, repeat: true },
      { ...done, refused: 'MATCH_ENDED' },
      { ...done, refused: 'SCORE_OVERFLOW' },
    ];
    let moved = true;
    const redo = open(10, async (_, ticks, mode) => {
      modes.push(mode);
      if (moved) return { kind: 'moved', epoch: 3 };
      return { kind: 'ok', epoch: 3, version: 1, dirty: 0, outcomes: fates.slice(0, ticks.length) };
    });
    const of = season({});
    const ticks = fates.map((_, i) => tick({ player: `p${i}`, matchKey: 'm', score: i, seq: 1 }));
    redo.keep(of, ticks, acked(ticks));
    expect(await redo.run(of, 2)).toBe(false);
    moved = false;
    expect(await redo.run(of, 3)).toBe(true);
    expect(told.redone.at(-1)).toEqual({ applied: 1, repeated: 1, replaced: 1, lost: 1 });
    expect(redo.kept('s1')).toBe(2);
    expect(modes).toEqual([
      { seen: { epoch: 2, version: 0 }, redo: true },
      { seen: { epoch: 3, version: 0 }, redo: true },
    ]);
    expect(await redo.run(of, 3), 'once per epoch').toBe(true);
    expect(modes).toHaveLength(2);
  });
});
