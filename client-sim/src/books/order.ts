/** The simulator's own idea of who stands above whom, written from the protocol's text and not from the server's code:
 *  the better score, then who reached it first, then the player id by bytes. */

export type SortOrder = 'desc' | 'asc';

export interface Place {
  player: string;
  score: number;
  /** Milliseconds since the Unix epoch. */
  achievedAt: number;
}

/** Negative when `a` stands above `b`. */
export function standsAbove(sort: SortOrder, a: Place, b: Place): number {
  if (a.score > b.score) return sort === 'desc' ? -1 : 1;
  if (a.score < b.score) return sort === 'desc' ? 1 : -1;
  if (a.achievedAt !== b.achievedAt) return a.achievedAt < b.achievedAt ? -1 : 1;
  return Buffer.compare(Buffer.from(a.player), Buffer.from(b.player));
}

export const inOrder = <T extends Place>(sort: SortOrder, places: readonly T[]): T[] =>
  [...places].sort((a, b) => standsAbove(sort, a, b));
