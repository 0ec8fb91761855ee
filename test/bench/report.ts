/** What a run is told as: `--json`, and what docs/performance.md is written from. */
import type { RatioName } from './goals.ts';
import type { Machine } from './machine.ts';
import type { Range, RatioResult } from './summary.ts';

export interface SideReport {
  name: string;
  unit: string;
  value: Range;
  /** Medians; null where it was not measured. */
  serverUs: number | null;
  storeUs: number | null;
  clientShare: number | null;
  note?: string;
}

export interface Detail {
  ratios: number[];
  sides: SideReport[];
  /** Results that were held against Redis and Postgres afterwards, all of them right. */
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
