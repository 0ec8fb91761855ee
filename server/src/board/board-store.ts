/** Port: boards, their seasons and matches in the database of record. Implemented by postgres/. */
import type { Board } from '@photofinish/shared/domain/board';
import type { MatchRules } from '@photofinish/shared/domain/match-rules';
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
}

export interface MatchStart {
  id: string;
  board: string;
  at: number;
  limits?: MatchRules;
  /** Who plays it, without repeats; anybody when undefined. */
  roster?: readonly string[] | undefined;
}

/** `by`: the token subject that asked, for the audit log; `system` when the server itself did. */
export interface BoardStore {
  listBoards(): Promise<Board[]>;
  findBoard(id: string): Promise<Board | undefined>;
  /** @throws Fault BOARD_EXISTS */
  createBoard(board: Board, by: string): Promise<void>;
  /** Newest first, at most `limit`. */
  listSeasons(board: string, limit: number): Promise<Season[]>;
  findSeason(id: string): Promise<Season | undefined>;
  /** Seasons that are open, closing or lately closed, and those of `leftovers` that exist: what the flusher and the keeper look after. */
  listLiveSeasons(leftovers: readonly string[]): Promise<Season[]>;
  /** @throws Fault SEASON_ALREADY_OPEN, BOARD_NOT_FOUND */
  openSeason(season: { id: string; board: string; at: number; by: string }): Promise<Season>;
  /** Moves a season's state forward; a season already there or past it is returned as it is.
   *  Waits for finals under way, which hold the season's row. @throws Fault SEASON_NOT_FOUND */
  moveSeason(move: { season: string; to: 'closing' | 'closed'; at: number; by: string }): Promise<Season>;
  /** Pins the match to the board's open season. @throws Fault SEASON_NOT_OPEN, BOARD_NOT_FOUND */
  startMatch(match: MatchStart): Promise<Match>;
  findMatch(id: string): Promise<Match | undefined>;
}
