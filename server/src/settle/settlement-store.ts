/** Port: settlements in the database of record; prizes never depend on Redis. Implemented by postgres/. */
import type { Board } from '@photofinish/shared/domain/board';

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
  awards: Award[];
}

export interface SettlementStore {
  find(season: string): Promise<Settlement | undefined>;
  /** Computes without writing. */
  preview(season: { id: string; board: Board }, at: number): Promise<Settlement>;
  /** One transaction under the season's row lock: settled standings with their hash, awards, state settled. A season settled
   *  before returns the same settlement. Requires state closed. `by`: token subject, for the audit log. */
  settle(
    season: { id: string; board: Board },
    as: { id: string; at: number; by: string },
  ): Promise<Settlement>;
}
