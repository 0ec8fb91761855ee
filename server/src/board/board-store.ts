/** Port: boards, their seasons and matches in the database of record. Implemented by postgres/. */
import type { Board } from '@photofinish/shared/domain/board';
import type { MatchRules } from '@photofinish/shared/domain/match-rules';
import type { Ranking } from '@photofinish/shared/domain/rank';
import type { SeasonState } from '@photofinish/shared/domain/season';

export interface Season {
  id: string;
  board: string;
  /** 1 for the board's first season. */
  number: number;
  state: SeasonState;
  epoch: number;
  /** When it opened; of an upcoming one, when it is to open. */
  startedAt: number;
  /** When it is to end, or was, by the database's clock; undefined when an admin decides. */
  endsAt?: number | undefined;
  /** When it began to close; undefined while open. */
  closingAt: number | undefined;
  closedAt: number | undefined;
  /** From when on nothing changes what it shows. */
  frozenAt?: number | undefined;
  /** How its ranks are numbered, for ever; undefined until it ends, while the board says it. */
  ranking?: Ranking | undefined;
}

export interface Match {
  id: string;
  season: string;
  board: string;
  startedAt: number;
  endedAt: number | undefined;
  /** Those of its board when it started. */
  limits: MatchRules;
  /** Nobody may join but those who were named at the start. */
  rostered: boolean;
  /** Ended because nobody played it any more: its provisional scores are dropped. */
  abandoned: boolean;
}

export interface MatchStart {
  id: string;
  board: string;
  at: number;
  limits?: MatchRules;
  /** Who plays it, without repeats; anybody when undefined. */
  roster?: readonly string[] | undefined;
}

/** A board as the database has it. */
export interface StoredBoard {
  id: string;
  board: Board;
  /** Grows with every change. */
  version: number;
  createdAt: number;
  updatedAt: number;
  /** undefined while in use. */
  archivedAt: number | undefined;
}

/** What changed of a board's rules, by path: `finals.graceSeconds`. A side without the setting has no value. */
export type BoardDifference = Record<string, { from?: unknown; to?: unknown }>;

export interface BoardUpdate {
  board: Board;
  /** The version that the change was made from. */
  version: number;
  changed: BoardDifference;
  at: number;
  by: string;
}

export interface BoardArchiving {
  board: string;
  archived: boolean;
  /** undefined: whatever it is. */
  version: number | undefined;
  at: number;
  by: string;
}

/** `by`: the token subject that asked, for the audit log; `system` when the server itself did. */
export interface BoardStore {
  listBoards(): Promise<StoredBoard[]>;
  findBoard(id: string): Promise<StoredBoard | undefined>;
  /** @throws Fault BOARD_EXISTS */
  createBoard(board: Board, by: string): Promise<StoredBoard>;
  /** @returns undefined when the board is at another version by now, and nothing was done. @throws Fault BOARD_NOT_FOUND */
  updateBoard(update: BoardUpdate): Promise<StoredBoard | undefined>;
  /** To the state that it has already: nothing is done. @throws Fault BOARD_NOT_FOUND, BOARD_CHANGED, SEASON_ALREADY_OPEN (archiving with
   *  a season that is not closed) */
  archiveBoard(archiving: BoardArchiving): Promise<StoredBoard>;
  /** Newest first, at most `limit`. @param before seasons with a smaller number; all when left out */
  listSeasons(board: string, limit: number, before?: number): Promise<Season[]>;
  findSeason(id: string): Promise<Season | undefined>;
  /** Seasons that are open, closing or lately closed, and those of `leftovers` that exist: what the flusher and the keeper look after. */
  listLiveSeasons(leftovers: readonly string[]): Promise<Season[]>;
  /** @throws Fault SEASON_ALREADY_OPEN, BOARD_NOT_FOUND, BOARD_ARCHIVED */
  openSeason(season: {
    id: string;
    board: string;
    at: number;
    endsAt?: number | undefined;
    by: string;
  }): Promise<Season>;
  /** Moves a season's state forward; a season already there or past it is returned as it is.
   *  Waits for finals under way, which hold the season's row. @throws Fault SEASON_NOT_FOUND */
  moveSeason(move: { season: string; to: 'closing' | 'closed'; at: number; by: string }): Promise<Season>;
  /** Pins the match to the board's open season. @throws Fault SEASON_NOT_OPEN, BOARD_NOT_FOUND */
  startMatch(match: MatchStart): Promise<Match>;
  findMatch(id: string): Promise<Match | undefined>;
}
