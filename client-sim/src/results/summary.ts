/** The outcome of a run, as later checks read it. */
import type { SettlementFindings } from '../checks/settlement.ts';
import type { Run } from '../run.ts';

export interface Summary {
  ticks: {
    sent: number;
    acked: number;
    refused: number;
    lost: number;
    /** Neither acked nor certainly refused. */
    unknown: number;
    refusals: Record<string, number>;
  };
  ackMs: { p50: number; p99: number; max: number };
  finals: { sent: number; acked: number; inPostgres: number; resent: number; conflicts: number };
  flush: { rows: number; batches: number; ticksPerRow: number; oldestDirtyMsMax: number };
  ranks: { checked: number; wrong: number; uncertain: number };
  drift: { entries: number };
  settlement: SettlementFindings;
  run: { board: string; season: string; players: number; seed: number; seconds: number; clientCpu: number };
  /** Checks that this run could not make. */
  leftOut: string[];
  problems: string[];
  problemCount: number;
}

const NOT_SETTLED: SettlementFindings = { id: '', awards: 0, amountMinor: 0, sha256: '', rerunSame: true };

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** @param client `cpuShare`: of one core that this process used; near 1, the run measured the simulator */
export function summarize(
  run: Run,
  settlement: SettlementFindings | undefined,
  client: { cpuShare: number },
): Summary {
  const { tally, finals, watch, findings, options } = run;
  for (const unread of watch.unread) findings.leaveOut(unread);
  return {
    ticks: {
      sent: tally.sent,
      acked: tally.acked,
      refused: tally.refused,
      lost: findings.lost,
      unknown: tally.unknown,
      refusals: Object.fromEntries(tally.refusals),
    },
    ackMs: {
      p50: rounded(tally.ackMs(50), 2),
      p99: rounded(tally.ackMs(99), 2),
      max: rounded(tally.ackMs(100), 2),
    },
    finals: {
      sent: finals.sent,
      acked: finals.acked,
      inPostgres: finals.inPostgres,
      resent: finals.resent,
      conflicts: finals.conflicts,
    },
    flush: {
      rows: watch.rows,
      batches: watch.batches,
      ticksPerRow: watch.rows === 0 ? 0 : rounded(tally.acked / watch.rows, 2),
      oldestDirtyMsMax: Math.round(watch.oldestDirtyMsMax),
    },
    ranks: { checked: findings.ranksChecked, wrong: findings.ranksWrong, uncertain: findings.uncertain },
    drift: { entries: findings.drifted },
    settlement: settlement ?? NOT_SETTLED,
    run: {
      board: run.board.id,
      season: run.season,
      players: options.players,
      seed: options.seed,
      seconds: options.seconds,
      clientCpu: rounded(client.cpuShare, 2),
    },
    leftOut: findings.leftOut,
    problems: findings.problems,
    problemCount: findings.problemCount,
  };
}

/** Whether everything that was checked held. */
export function passed(summary: Summary): boolean {
  const { ticks, finals, ranks, drift, settlement, leftOut, problemCount } = summary;
  const finalsKept = leftOut.includes('finals.inPostgres') || finals.inPostgres >= finals.acked;
  return (
    ticks.lost === 0 &&
    ranks.wrong === 0 &&
    drift.entries === 0 &&
    finals.acked === finals.sent &&
    finalsKept &&
    settlement.rerunSame &&
    problemCount === 0
  );
}
