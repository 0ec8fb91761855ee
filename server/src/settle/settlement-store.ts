/** Port: settlements in the database of record; prizes never depend on Redis. Implemented by postgres/. */
import type { Board } from '@photofinish/shared/domain/board';
import type { Flag } from '../board/flag-store.ts';

export interface Award {
  player: string;
  /** 1-based final place. */
  rank: number;
  score: number;
  amountMinor: number;
}

export interface Settlement {
  id: string;
  season: string;
  board: string;
  settledAt: number;
  /** Rows of the settled standings; hidden players are left out and take no rank. */
  standings: number;
  currency: string;
  /** Sum of all awards. */
  amountMinor: number;
  /** SHA-256, hex, of the settled standings: one line `rank TAB player TAB score TAB achievedAtMs LF` each, in rank order. */
  sha256: string;
  /** The same of the table as it is since players of it were deleted; absent while it is the settled one. */
  sha256Now?: string;
  awards: Award[];
  /** Of a preview: open flags of players who would be paid. Settling waits for a word on each. Absent without any. */
  openFlags?: Flag[];
}

export interface SettlementStore {
  find(season: string): Promise<Settlement | undefined>;
  /** Finals of the season that may still be flagged; none where nothing is compared. */
  uncompared(season: { id: string; board: Board }): Promise<number>;
  /** Computes without writing. */
  preview(season: { id: string; board: Board }, at: number): Promise<Settlement>;
  /** One transaction under the season's row lock: settled standings with their hash, awards, state settled. A season settled
   *  before returns the same settlement. Requires state closed, no final that may still be flagged, and no open flag of a paid player. `by`: token subject, for the audit log. */
  settle(
    season: { id: string; board: Board },
    as: { id: string; at: number; by: string },
  ): Promise<Settlement>;
}
