/** What an answer to a write tells of the entry's place. */
import type { ConfirmedEntry } from './live-board.ts';

export interface ToldPlace {
  /** null for the hidden. */
  rank: number | null;
  hidden?: true;
  bucket?: string;
  bucketRank?: number | null;
}

export const toldPlace = ({
  rank,
  hidden,
  bucket,
  bucketRank = 0,
}: Omit<ConfirmedEntry, 'score'>): ToldPlace => ({
  rank: hidden ? null : rank,
  ...(hidden ? { hidden: true as const } : undefined),
  ...(bucket === undefined ? undefined : { bucket, bucketRank: hidden ? null : bucketRank }),
});
