/** Members of the `rank` ZSET, and the stamps in them. With the ZSET score `rankedScore(score)`, the order of ZRANGE is
 *  exactly `compareEntries`: by score, then by the columns' and the stamp's bytes, then by the player id's bytes. */
import type { Board } from '@photofinish/shared/domain/board';
import { COLUMN_WIDTH } from '@photofinish/shared/domain/columns';
import {
  msOfStamp,
  type OrderKey,
  rankedScore,
  type SortOrder,
  STAMP_WIDTH,
  stampOf,
} from '@photofinish/shared/domain/order';

/** Where an entry stands in the ZSET. */
export const rankMember = (sortOrder: SortOrder, entry: OrderKey): { member: string; ranked: number } => ({
  member: (entry.columnsKey ?? '') + stampAt(entry.achievedAt) + entry.player,
  ranked: rankedScore(sortOrder, entry.score),
});

/** Players in a bucket; 0 on boards without. */
export const bucketSizeOf = (board: Pick<Board, 'buckets'>): number => board.buckets?.size ?? 0;

/** Bytes of a member before its stamp. */
export const columnsWidth = (board: Pick<Board, 'columns'>): number => board.columns.length * COLUMN_WIDTH;

/** The inverse of `rankMember`. */
export function entryOfMember(
  board: Pick<Board, 'sortOrder' | 'columns'>,
  member: string,
  ranked: number,
): OrderKey {
  const stampsAt = columnsWidth(board);
  const playersAt = stampsAt + STAMP_WIDTH;
  return {
    player: member.slice(playersAt),
    score: rankedScore(board.sortOrder, ranked),
    columnsKey: stampsAt === 0 ? undefined : member.slice(0, stampsAt),
    achievedAt: msOfStamp(member.slice(stampsAt, playersAt)),
  };
}

let lastMs = -1;
let lastStamp = '';

/** `stampOf`, remembering the last one: the ticks of one batch mostly share their millisecond. */
export function stampAt(ms: number): string {
  if (ms !== lastMs) {
    lastStamp = stampOf(ms);
    lastMs = ms;
  }
  return lastStamp;
}
