/** What an answer to a write tells of the entry's place, and of what was before. */
import type { ConfirmedEntry } from './live-board.ts';

export interface ToldPlace {
  /** null for the hidden. */
  rank: number | null;
  hidden?: true;
  bucket?: string;
  bucketRank?: number | null;
  /** null where there was no entry, and for the hidden. */
  previousRank: number | null;
  previousScore: number | null;
  improved: boolean;
}

export function toldPlace(place: Omit<ConfirmedEntry, 'score'>): ToldPlace {
  const { rank, hidden, bucket, bucketRank = 0, previousRank, previousScore = null, improved } = place;
  const told: ToldPlace = {
    rank: hidden ? null : rank,
    previousRank: previousRank === 0 ? null : previousRank,
    previousScore,
    improved,
  };
  if (hidden) told.hidden = true;
  if (bucket !== undefined) {
    told.bucket = bucket;
    told.bucketRank = hidden ? null : bucketRank;
  }
  return told;
}
