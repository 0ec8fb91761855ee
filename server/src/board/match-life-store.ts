/** Port: matches that are given up, and what is known of one match. Implemented by postgres/. */
import type { Match } from './board-store.ts';
import type { Position } from './live-board.ts';

/** A match whose provisional scores Redis may still show. */
export interface OwedMatch {
  id: string;
  season: string;
  startedAt: number;
  abandonedAt: number;
  /** Who ever ticked in it or had a final, as far as the match kept them. */
  players: string[];
}

export interface MatchDetail extends Match {
  /** By id, at most as many as were asked for. `final` is null where there is none. */
  players: { player: string; joinedAt: number | null; final: number | null }[];
}

export interface MatchLifeStore {
  /** They were played: they are given up later than they would have been. */
  postpone(matches: readonly { match: string; dueAt: number }[]): Promise<void>;
  /** Ends matches that are due, of seasons that are not closed, oldest first. Of several servers each match is given to one. */
  abandonDue(at: number, limit: number): Promise<Match[]>;
  /** The same for one, in the name of a token, with its audit record. Abandoned before, it stays as it is.
   *  @throws Fault MATCH_NOT_FOUND, MATCH_ENDED, INVALID_REQUEST where its players are not known */
  abandon(match: string, at: number, by: string): Promise<Match>;
  /** Abandoned matches that are owed to Redis, oldest first, and nobody else's until `at + retryMs`. */
  takeOwed(of: { at: number; retryMs: number; limit: number }): Promise<OwedMatch[]>;
  /** Nothing of them is left to drop. */
  markDropped(matches: readonly string[], at: number): Promise<void>;
  /** How far the season is committed. */
  watermark(season: string): Promise<Position | undefined>;
  find(match: string, playersMax: number): Promise<MatchDetail | undefined>;
}
