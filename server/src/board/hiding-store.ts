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

/** Where a player is hidden. */
export interface HiddenPlayer {
  player: string;
  /** On all boards; showing the player on one of them changes nothing then. */
  everywhere: boolean;
  /** On these boards, whatever `everywhere` is. */
  boards: string[];
}

export interface HiddenQuery {
  /** Hidden on this board, by itself or on all; anywhere when left out. */
  board?: string | undefined;
  /** Players after this one. */
  after: string;
  limit: number;
}

export interface HidingStore {
  /** In one transaction with its audit records. @returns the players for which it was a change */
  change(change: HidingChange): Promise<string[]>;
  /** In the order of the boards. */
  versions(boards: readonly string[]): Promise<number[]>;
  among(board: string, players: readonly string[]): Promise<HiddenAmong>;
  /** In key order. */
  list(of: HiddenQuery): Promise<HiddenPlayer[]>;
  /** The next `limit` players after `after` that are hidden on the board, in key order. */
  hiddenOn(board: string, after: string, limit: number): Promise<string[]>;
}
