/** What a run is told as: `--json`, and what docs/performance.md is written from. */
import type { RatioName } from './goals.ts';
import type { Machine } from './machine.ts';
import type { Range, RatioResult } from './summary.ts';

export interface SideReport {
  name: string;
  unit: string;
  /** Of the rounds that count; of all, where none does. */
  value: Range;
  /** Medians of the same rounds; null where it was not measured. */
  serverUs: number | null;
  storeUs: number | null;
  clientShare: number | null;
  /** Rounds, from 1 on, in which the client was the limit of this side: for the first two sides they do not count. Left out where there is none. */
  limitedIn?: number[];
  note?: string;
}

export interface Detail {
  /** Of each round, those that do not count (`limitedIn` of the first two sides) among them. */
  ratios: number[];
  sides: SideReport[];
  /** Results that were checked afterwards, all of them right: see `held.ts` for what against what. */
  checked: number;
  seconds: number;
}

export interface Report {
  machine: Machine;
  run: { scale: string; startedAt: string; seconds: number };
  ratios: Partial<Record<RatioName, RatioResult>>;
  details: Partial<Record<RatioName, Detail>>;
}

/** Figures to four digits: more would claim more than was measured. */
export const toJson = (report: Report): string =>
  `${JSON.stringify(
    report,
    (_, value) =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value,
    2,
  )}\n`;
