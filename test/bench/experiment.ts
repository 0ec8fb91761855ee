/** What one experiment is: two sides that are measured in turn, and a check of what ours acknowledged. */
import type { RatioName } from './goals.ts';
import type { Scale } from './scale.ts';
import type { World } from './world.ts';

/** One measurement of one side. */
export interface Sample {
  /** In the side's unit: a rate, a time or a size. */
  value: number;
  unit: string;
  /** Processor time of the measured server, in microseconds per tick, message, row or delivery. */
  serverUs?: number;
  /** The same of Redis, or of Postgres. */
  storeUs?: number;
  /** Part of one core that the client used: from 0.9 on the client was measured, and the round does not count. */
  clientShare?: number;
  note?: string;
}

export interface Side {
  name: string;
  measure(round: number): Promise<Sample>;
}

export interface Prepared {
  /** The first two make the ratio, ours over the base. Further ones are measured beside them and told as context. */
  sides: readonly [ours: Side, base: Side, ...others: Side[]];
  /** Holds what ours acknowledged or showed against what must be there: see `held.ts`. @returns how many results; 0 where it gives none
   *  @throws WrongResult */
  check(): Promise<number>;
}

export interface Experiment {
  name: RatioName;
  /** What is started here is ended by `stage.end`. */
  prepare(stage: Stage): Promise<Prepared>;
}

/** One experiment's share of the world. */
export interface Stage {
  world: World;
  scale: Scale;
  /** Called in reverse order when the experiment is over, whatever came of it. */
  onEnd(end: () => unknown): void;
}
