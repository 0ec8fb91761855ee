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

export const toldPlace = ({
  rank,
  hidden,
  bucket,
  bucketRank = 0,
  previousRank,
  previousScore,
  improved,
}: Omit<ConfirmedEntry, 'score'>): ToldPlace => ({
  rank: hidden ? null : rank,
  ...(hidden ? { hidden: true as const } : undefined),
  ...(bucket === undefined ? undefined : { bucket, bucketRank: hidden ? null : bucketRank }),
  previousRank: previousRank === 0 ? null : previousRank,
  previousScore: previousScore ?? null,
  improved,
});
