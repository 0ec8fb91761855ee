/** Matches that are given up, in Postgres. */
import type { Match } from '../board/board-store.ts';
import { matchNotFound } from '../board/faults.ts';
import type { MatchDetail, MatchLifeStore, OwedMatch } from '../board/match-life-store.ts';
import type { Postgres } from './connections.ts';
import { abandonDue, abandonMatch } from './queries/abandon-matches.ts';
import { findMatchDetail } from './queries/find-match-detail.ts';
import { findWatermark } from './queries/find-watermark.ts';
import { markMatchesDropped, takeOwedMatches } from './queries/owed-matches.ts';
import { postponeMatches } from './queries/postpone-matches.ts';

export class PostgresMatchLifeStore implements MatchLifeStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  async postpone(played: readonly { match: string; dueAt: number }[]): Promise<void> {
    await this.#postgres.write(({ sql }) => postponeMatches(sql, played));
  }

  abandonDue(at: number, limit: number): Promise<Match[]> {
    return this.#postgres.write(({ sql }) => abandonDue(sql, at, limit));
  }

  async abandon(id: string, at: number, by: string): Promise<Match> {
    const match = await this.#postgres.write((connection) => abandonMatch(connection, { id, at, by }));
    if (!match) throw matchNotFound(id);
    return match;
  }

  takeOwed(of: { at: number; retryMs: number; limit: number }): Promise<OwedMatch[]> {
    return this.#postgres.write(({ sql }) => takeOwedMatches(sql, of));
  }

  async markDropped(ids: readonly string[], at: number): Promise<void> {
    await this.#postgres.write(({ sql }) => markMatchesDropped(sql, ids, at));
  }

  watermark(season: string) {
    return this.#postgres.read(({ sql }) => findWatermark(sql, season));
  }

  find(match: string, playersMax: number): Promise<MatchDetail | undefined> {
    return this.#postgres.read((connection) => findMatchDetail(connection, match, playersMax));
  }
}
