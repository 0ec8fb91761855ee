import { describe, expect, test } from 'vitest';
import { Findings } from '../../../client-sim/src/findings.ts';
import { counterIn, Rise } from '../../../client-sim/src/flush-watch.ts';
import { passed, type Summary } from '../../../client-sim/src/results/summary.ts';
import { tableOf } from '../../../client-sim/src/results/table.ts';

const good: Summary = {
  ticks: { sent: 10, acked: 9, refused: 1, lost: 0, unknown: 0, refusals: { RATE_LIMITED: 1 } },
  ackMs: { p50: 1, p99: 2, max: 3 },
  finals: { sent: 2, acked: 2, inPostgres: 2, resent: 1, conflicts: 1 },
  flush: { rows: 3, batches: 1, ticksPerRow: 3, oldestDirtyMsMax: 900 },
  ranks: { checked: 5, wrong: 0, uncertain: 0 },
  drift: { entries: 0 },
  settlement: { id: 's', awards: 1, amountMinor: 100, sha256: 'ab', rerunSame: true },
  run: { board: 'b', season: 's1', players: 2, seed: 1, seconds: 1, clientCpu: 0.1 },
  leftOut: [],
  problems: [],
  problemCount: 0,
};

describe('the summary', () => {
  test('[SIM9] a run passes when nothing was lost, wrong, drifted, missing or changed', () => {
    expect(passed(good)).toBe(true);
    expect(tableOf(good)).toContain('all checks held');
  });

  test.each<[string, Partial<Summary>]>([
    ['a lost tick', { ticks: { ...good.ticks, lost: 1 } }],
    ['a wrong rank', { ranks: { ...good.ranks, wrong: 1 } }],
    ['drift', { drift: { entries: 1 } }],
    ['a final that was not taken', { finals: { ...good.finals, acked: 1 } }],
    ['a final that Postgres lacks', { finals: { ...good.finals, inPostgres: 1 } }],
    ['a settlement that changed', { settlement: { ...good.settlement, rerunSame: false } }],
    ['any other problem', { problems: ['x'], problemCount: 1 }],
  ])('[SIM9] %s fails the run', (_, change) => {
    const summary = { ...good, ...change };
    expect(passed(summary)).toBe(false);
    expect(tableOf(summary)).toContain('CHECKS FAILED');
  });

  test('[SIM9] what was not checked is said, and does not fail the run', () => {
    const summary = {
      ...good,
      finals: { ...good.finals, inPostgres: 0 },
      leftOut: ['drift.entries', 'finals.inPostgres'],
    };
    expect(passed(summary)).toBe(true);
    expect(tableOf(summary)).toMatch(/left out +drift\.entries, finals\.inPostgres/);
    expect(tableOf(summary)).toContain('not checked');
  });

  test('[SIM3] ticks lost in one match are counted once, however many checks see it', () => {
    const findings = new Findings();
    findings.lostTicks('ann', 'match 1', 2);
    findings.lostTicks('ann', 'match 1', 3);
    findings.lostTicks('ann', 'match 2', 1);
    findings.lostTicks('bob', 'match 1', 1);
    expect(findings.lost).toBe(5);
  });

  test('[SIM8] a counter’s rise survives the restart of the server that counts', () => {
    const rise = new Rise();
    for (const value of [100, 130, 130, 20, 25]) rise.saw(value);
    expect(rise.total).toBe(55);
  });

  test('[SIM8] samples of a counter are summed, and a missing one is told apart from 0', () => {
    const metrics = 'a_total{result="written"} 5\na_total{result="refused"} 9\nb_total 1e3\n';
    expect(counterIn(metrics, /^a_total\{[^}]*\} (\S+)$/gm)).toBe(14);
    expect(counterIn(metrics, /^b_total (\S+)$/gm)).toBe(1_000);
    expect(counterIn(metrics, /^c_total (\S+)$/gm)).toBeUndefined();
  });
});
