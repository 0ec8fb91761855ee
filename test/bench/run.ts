/** One run: the experiments one after the other, each on an empty Redis and a database of its own. */

import type { Experiment } from './experiment.ts';
import { ackFrame16 } from './experiments/ack-frame16.ts';
import { ackP99 } from './experiments/ack-p99.ts';
import { ackSingle } from './experiments/ack-single.ts';
import { ackTutorial } from './experiments/ack-tutorial.ts';
import { ackWritethrough } from './experiments/ack-writethrough.ts';
import { fanout } from './experiments/fanout.ts';
import { finalsRate } from './experiments/finals-rate.ts';
import { flushCpu } from './experiments/flush-cpu.ts';
import { flushRows } from './experiments/flush-rows.ts';
import { idleBytes } from './experiments/idle-bytes.ts';
import { rebuild } from './experiments/rebuild.ts';
import { redisBytes } from './experiments/redis-bytes.ts';
import { redisGrowth } from './experiments/redis-growth.ts';
import { redisTicks } from './experiments/redis-ticks.ts';
import { settle } from './experiments/settle.ts';
import type { RatioName } from './goals.ts';
import { describeMachine, loadNow } from './machine.ts';
import type { ProductOptions } from './product.ts';
import type { Detail, Report } from './report.ts';
import { playRounds, type Round } from './rounds.ts';
import type { Scale } from './scale.ts';
import { sideReport } from './side-report.ts';
import { ratioResult } from './summary.ts';
import { type Services, startServices } from './world.ts';

const EXPERIMENTS: readonly Experiment[] = [
  ...[ackSingle, ackFrame16, ackTutorial, ackWritethrough, ackP99],
  ...[redisTicks, redisGrowth, redisBytes, flushRows, flushCpu],
  ...[finalsRate, fanout, idleBytes, rebuild, settle],
];

export interface RunOptions {
  scale: Scale;
  only: readonly RatioName[];
  program: ProductOptions['program'];
  /** Folder for CPU profiles of the servers. */
  profile?: string | undefined;
  /** Of the machine, before anything was done for the run; now, when left out. */
  loadBefore?: number | undefined;
  tell: (what: string) => void;
}

/** @throws WrongResult, BenchFailure; everything that was started has been ended by then */
export async function runBench(options: RunOptions): Promise<Report> {
  const { scale, only, program, profile, loadBefore = loadNow(), tell } = options;
  const [startedAt, begun] = [new Date(), performance.now()];
  tell('starting Redis and Postgres');
  const services = await startServices({ program, profile });
  const ratios: Report['ratios'] = {};
  const details: Report['details'] = {};
  try {
    for (const experiment of EXPERIMENTS.filter(({ name }) => only.includes(name))) {
      const { rounds, detail } = await runExperiment(experiment, { services, scale, tell });
      ratios[experiment.name] = ratioResult(experiment.name, rounds);
      details[experiment.name] = detail;
    }
    return {
      machine: describeMachine({ ...services.versions, loadBefore }),
      run: { scale: scale.name, startedAt: startedAt.toISOString(), seconds: secondsSince(begun) },
      ratios,
      details,
    };
  } finally {
    await services.stop();
  }
}

async function runExperiment(
  experiment: Experiment,
  { services, scale, tell }: { services: Services; scale: Scale; tell: RunOptions['tell'] },
): Promise<{ rounds: Round[]; detail: Detail }> {
  const { name } = experiment;
  const begun = performance.now();
  const world = await services.world();
  const ends: (() => unknown)[] = [];
  try {
    tell(`${name}: getting ready`);
    const prepared = await experiment.prepare({ world, scale, onEnd: (end) => void ends.push(end) });
    const rounds = await playRounds(prepared, scale.rounds, (round, side) =>
      tell(`${name}: round ${round} of ${scale.rounds}, ${side}`),
    );
    tell(`${name}: checking every result`);
    const checked = await prepared.check();
    const sides = prepared.sides.map((side, i) => sideReport(side.name, rounds, i));
    const ratioList = rounds.map((round) => round.ratio);
    return { rounds, detail: { ratios: ratioList, sides, checked, seconds: secondsSince(begun) } };
  } catch (error) {
    if (error instanceof Error) error.message = `${name}: ${error.message}`;
    throw error;
  } finally {
    for (const end of ends.reverse()) await end();
    await world.end();
  }
}

const secondsSince = (begun: number): number => Math.round((performance.now() - begun) / 100) / 10;
