/** What changed between two readings of the same top. Pure. */
import { placeOf } from '@photofinish/shared/domain/rank';
import type { RankedEntry } from '@photofinish/shared/protocol/reads';
import type { Reads } from '../board/reads.ts';

export type TopView = Awaited<ReturnType<Reads['top']>>;

export interface TopDelta {
  changed: RankedEntry[];
  length: number;
}

/** The first `limit` entries of a larger reading. */
export const cut = (view: TopView, limit: number): TopView =>
  view.entries.length <= limit ? view : { ...view, entries: view.entries.slice(0, limit) };

/** `same`: nothing that a subscriber sees differs. `whole`: a delta could not say it (another season, state or epoch, a position that
 *  did not grow, as when the snapshot answered in place of Redis), so everyone needs the view itself. */
export function changeBetween(before: TopView, after: TopView): 'same' | 'whole' | TopDelta {
  if (before.season !== after.season || before.state !== after.state || before.epoch !== after.epoch)
    return 'whole';
  const changed = after.entries.filter((entry, i) => !isSameRow(before.entries[i], entry));
  if (changed.length === 0 && before.entries.length === after.entries.length && before.total === after.total)
    return 'same';
  if (after.version <= before.version || !after.entries.every((entry, i) => placeOf(entry) === i + 1))
    return 'whole';
  return { changed, length: after.entries.length };
}

const isSameRow = (a: RankedEntry | undefined, b: RankedEntry): boolean =>
  a !== undefined &&
  a.player === b.player &&
  a.name === b.name &&
  a.score === b.score &&
  a.rank === b.rank &&
  a.place === b.place &&
  a.achievedAt === b.achievedAt &&
  JSON.stringify(a.columns) === JSON.stringify(b.columns) &&
  JSON.stringify(a.metadata) === JSON.stringify(b.metadata);
