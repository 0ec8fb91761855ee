/** What the rounds of one side come to. */
import type { Sample } from './experiment.ts';
import type { SideReport } from './report.ts';
import { isLimited, type Round } from './rounds.ts';
import { rangeOf } from './summary.ts';

/** Sides that make the ratio; further ones are told as context. */
const OF_THE_RATIO = 2;

/** Of the rounds that count; where none does, of all of them. A side beside the ratio has rounds of its own that count: those in which the
 *  client had room for it. */
export function sideReport(name: string, rounds: readonly Round[], index: number): SideReport {
  const all = rounds.flatMap(({ samples, counts }, i) => {
    const sample = samples[index];
    if (!sample) return [];
    const limited = isLimited(sample);
    return [{ sample, limited, round: i + 1, taken: index < OF_THE_RATIO ? counts : !limited }];
  });
  const counting = all.filter(({ taken }) => taken);
  const samples = (counting.length > 0 ? counting : all).map(({ sample }) => sample);
  const median = (pick: 'serverUs' | 'storeUs' | 'clientShare'): number | null => {
    const values = samples.flatMap((sample: Sample) => sample[pick] ?? []);
    return values.length > 0 ? rangeOf(values).median : null;
  };
  const note = all.at(-1)?.sample.note;
  const limitedIn = all.filter(({ limited }) => limited).map(({ round }) => round);
  return {
    ...{ name, unit: samples[0]?.unit ?? '', value: rangeOf(samples.map((sample) => sample.value)) },
    ...{ serverUs: median('serverUs'), storeUs: median('storeUs'), clientShare: median('clientShare') },
    ...(limitedIn.length > 0 ? { limitedIn } : {}),
    ...(note === undefined ? {} : { note: `last round: ${note}` }),
  };
}

/** Rounds, from 1 on, that do not count for the ratio. */
export const roundsLeftOut = (sides: readonly SideReport[]): ReadonlySet<number> =>
  new Set(sides.slice(0, OF_THE_RATIO).flatMap(({ limitedIn = [] }) => limitedIn));

/** As the tables have it. */
export function clientCell({ clientShare, limitedIn = [] }: SideReport): string {
  if (clientShare === null) return '';
  const share = `${Math.round(clientShare * 100)} %`;
  return limitedIn.length > 0 ? `${share}; LIMIT in round ${limitedIn.join(', ')}` : share;
}
