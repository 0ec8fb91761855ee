/** Marks as columns of rows. */
import type { Mark } from '@photofinish/shared/domain/entry';

export interface StoredMark {
  score: number;
  achievedAt: number;
  /** '' on boards without columns. */
  columnsKey: string;
  metadata: string | null;
}

export const markOf = ({ score, achievedAt, columnsKey, metadata }: StoredMark): Mark => ({
  score,
  achievedAt,
  columnsKey: columnsKey === '' ? undefined : columnsKey,
  metadata: metadata ?? undefined,
});
