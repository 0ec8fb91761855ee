/** Entries with the numbers that they stand under, as Redis and Postgres give them to reads. */
import type { OrderKey } from '@photofinish/shared/domain/order';
import type { Numbers } from '@photofinish/shared/domain/rank';

export interface ShownEntry extends OrderKey {
  /** JSON text, where the board keeps metadata and the entry has some. */
  metadata?: string | undefined;
  /** On boards with buckets, where it is asked for by player. */
  bucket?: string | undefined;
}

export interface PlacedEntry extends ShownEntry, Numbers {}

/** `better`: entries with a better score than it, or better columns at the same score. */
export type PlayerPlace = PlacedEntry & { better: number; bucketRank?: number | undefined };

/** Of a player who is hidden, and so has no place. */
export type HiddenEntry = ShownEntry & { hidden: true };

export interface Ranks {
  /** Entries that have a place. */
  total: number;
  /** In the order asked; undefined where there is no entry. */
  entries: (PlayerPlace | HiddenEntry | undefined)[];
}

/** From an entry's place in the total order, whether or not the entry still stands there. */
export interface PageFrom {
  /** after: the entries below it, from the nearest on; before: those above it, up to the nearest. */
  side: 'after' | 'before';
  key: OrderKey;
}

export interface PageOf {
  /** 0 or more. */
  limit: number;
  from?: PageFrom | undefined;
  /** Both included; open where undefined. */
  scoreMin?: number | undefined;
  scoreMax?: number | undefined;
}

export interface Page {
  /** Entries that have a place. */
  total: number;
  /** Entries in the range of scores; all where there is none. */
  count: number;
  /** Entries of the range that stand above those of the page; 0 where the page is empty. */
  above: number;
  entries: PlacedEntry[];
}

export interface Around {
  player: string;
  above: number;
  below: number;
}
