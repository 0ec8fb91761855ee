/** What the check of each experiment holds against what, in words. */
import { RATIO_NAMES, type RatioName } from './goals.ts';
import type { Report } from './report.ts';

/** Undefined where no result is given that could be wrong. */
function kindOf(name: RatioName): string | undefined {
  if (name === 'idle.bytes') return undefined;
  if (name === 'fanout') return 'subscribers that were last told what had been acknowledged';
  if (name === 'settle') return 'places of settled seasons in Postgres';
  return 'acknowledged scores in Redis and Postgres';
}

/** Of one experiment. @returns undefined where nothing was checked */
export function heldIn(name: RatioName, checked: number): string | undefined {
  const kind = kindOf(name);
  return kind && `${checked.toLocaleString('en-US')} ${kind}`;
}

/** One line for all of a run, if anything was checked. */
export function heldOf({ details }: Report): string[] {
  const sums = new Map<string, number>();
  for (const name of RATIO_NAMES) {
    const [kind, detail] = [kindOf(name), details[name]];
    if (kind && detail) sums.set(kind, (sums.get(kind) ?? 0) + detail.checked);
  }
  if (sums.size === 0) return [];
  const told = [...sums].map(([kind, sum]) => `${sum.toLocaleString('en-US')} ${kind}`);
  return [`Checked, and all right: ${told.join('; ')}.`];
}
