/** Port: when seasons end and begin, in the database of record. Implemented by postgres/. */
import type { Season } from '../board/board-store.ts';

export interface PlannedBoundary {
  board: string;
  /** By the database's clock. */
  at: number;
}

export interface RollOver {
  /** false: no boundary had passed; another server may have been first. */
  rolled: boolean;
  ended?: Season | undefined;
  opened?: Season | undefined;
  /** The board's newest seasons as they are now, newest first. */
  seasons: Season[];
}

export interface SeasonPlan {
  /** Boundaries that have passed or come within so long, soonest first, and the database's clock. */
  boundaries(withinMs: number): Promise<{ now: number; boundaries: PlannedBoundary[] }>;
  /** Ends and opens what a passed boundary says, once however many ask. @throws Fault BOARD_NOT_FOUND */
  rollOver(of: { board: string; id: string }): Promise<RollOver>;
  /** Plans a season that opens by itself. @throws Fault INVALID_REQUEST, SEASON_ALREADY_OPEN, BOARD_NOT_FOUND, BOARD_ARCHIVED */
  planSeason(plan: SeasonToCome): Promise<Season>;
  /** Fixes what a closed season shows: on a match board what its finals come to, on an open one what the snapshot has. Once.
   *  @throws Fault SEASON_NOT_FOUND */
  freeze(season: string): Promise<Season>;
}

export interface SeasonToCome {
  id: string;
  board: string;
  startsAt: number;
  /** undefined: when an admin says so. */
  endsAt: number | undefined;
  by: string;
}

/** Shorter ones are mistakes as a rule: seconds given for milliseconds, or an end before the start. */
export const SEASON_MIN_MS = 60_000;
