/** What a few rounds come to. */
import { GOALS, meets, type RatioName } from './goals.ts';
import type { Round } from './rounds.ts';

export interface Range {
  median: number;
  min: number;
  max: number;
}

/** As the JSON has it. */
export interface RatioResult extends Range {
  /** Those that count. */
  rounds: number;
  goal: number;
  /** The median of the rounds that count meets the goal. */
  ok: boolean;
}

export function rangeOf(values: readonly number[]): Range {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return { median: (low + high) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/** Where no round counts the figures are of all rounds, and the goal is not met: they are the client's. */
export function ratioResult(name: RatioName, rounds: readonly Round[]): RatioResult {
  const counting = rounds.filter((round) => round.counts);
  const range = rangeOf((counting.length > 0 ? counting : rounds).map((round) => round.ratio));
  return {
    ...range,
    rounds: counting.length,
    goal: GOALS[name].goal,
    ok: counting.length > 0 && meets(name, range.median),
  };
}
