/** Members of the `rank` ZSET, and the stamps in them. With the ZSET score `rankedScore(score)`, the order of ZRANGE is
 *  exactly `compareEntries`: by score, then by the stamp's bytes, then by the player id's bytes. */
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
  member: stampAt(entry.achievedAt) + entry.player,
  ranked: rankedScore(sortOrder, entry.score),
});

/** The inverse of `rankMember`. */
export function entryOfMember(sortOrder: SortOrder, member: string, ranked: number): OrderKey {
  return {
    player: member.slice(STAMP_WIDTH),
    score: rankedScore(sortOrder, ranked),
    achievedAt: msOfStamp(member.slice(0, STAMP_WIDTH)),
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
