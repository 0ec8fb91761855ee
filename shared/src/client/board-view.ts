/** What a client holds of a board that it subscribed to, and how news changes it. Pure. */
import { placeOf } from '../domain/rank.ts';
import type { Push } from '../protocol/pushes.ts';
import type { PlayerRank, RankedEntry } from '../protocol/reads.ts';

export interface BoardView {
  season: string;
  state: string;
  epoch: number;
  version: number;
  /** Entries in the season, not only those held. */
  total: number;
  /** The first places, in the total order. */
  entries: readonly RankedEntry[];
}

/** A player and the neighbours in the total order, or the players asked for in that order. */
export interface PlacesView extends Omit<BoardView, 'entries'> {
  /** Whose ranks these are, on boards with buckets; the whole board's when left out. */
  bucket?: string | undefined;
  entries: readonly (PlayerRank | RankedEntry)[];
}

export const placesOf = (news: PlacesView): PlacesView => ({
  season: news.season,
  state: news.state,
  epoch: news.epoch,
  version: news.version,
  ...(news.bucket === undefined ? {} : { bucket: news.bucket }),
  total: news.total,
  entries: news.entries,
});

export const viewOf = (news: BoardView): BoardView => ({
  season: news.season,
  state: news.state,
  epoch: news.epoch,
  version: news.version,
  total: news.total,
  entries: news.entries,
});

/** The view after a delta: the first `length` rows, with each changed row at its place.
 *  @returns undefined when the delta does not fit: it starts elsewhere, or leaves a place without a row. The client must
 *  then ask for the whole view again; applying it would show a board that never was. */
export function applyDelta(view: BoardView, delta: Push<'delta'>): BoardView | undefined {
  if (delta.season !== view.season) return undefined;
  if (delta.from.epoch !== view.epoch || delta.from.version !== view.version) return undefined;
  const entries: (RankedEntry | undefined)[] = view.entries.slice(0, delta.length);
  for (const row of delta.changed) {
    const place = placeOf(row);
    if (place > delta.length) return undefined;
    entries[place - 1] = row;
  }
  if (!isWhole(entries, delta.length)) return undefined;
  return {
    season: view.season,
    state: view.state,
    epoch: delta.epoch,
    version: delta.version,
    total: delta.total,
    entries,
  };
}

function isWhole(entries: readonly (RankedEntry | undefined)[], length: number): entries is RankedEntry[] {
  if (entries.length !== length) return false;
  for (let i = 0; i < length; i++) if (!entries[i]) return false;
  return true;
}
