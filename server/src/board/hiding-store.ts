/** Port: who is hidden, in the database of record. Implemented by postgres/. */

export interface HidingChange {
  players: readonly string[];
  /** On all boards when left out. */
  board?: string | undefined;
  hidden: boolean;
  /** Token subject, for the audit log. */
  by: string;
}

/** Of one moment. */
export interface HiddenAmong {
  /** Grows with every change that is about the board. */
  version: number;
  /** Those of the players asked for that are hidden on the board, by itself or on all. */
  hidden: string[];
}

export interface HidingStore {
  /** In one transaction with its audit records. @returns the players for which it was a change */
  change(change: HidingChange): Promise<string[]>;
  /** In the order of the boards. */
  versions(boards: readonly string[]): Promise<number[]>;
  among(board: string, players: readonly string[]): Promise<HiddenAmong>;
  /** The next `limit` players after `after` that are hidden on the board, in key order. */
  hiddenOn(board: string, after: string, limit: number): Promise<string[]>;
}
