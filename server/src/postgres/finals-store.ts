/** Write-through finals in Postgres. */
import type { FinalGroup, FinalGroupResult, FinalsStore, PendingFinals } from '../board/finals-store.ts';
import { keepsPlayers } from '../board/match-limits.ts';
import type { Postgres } from './connections.ts';
import { isDataError } from './faults.ts';
import { type Judgement, judgeFinals } from './final-judgement.ts';
import { type Known, KnownFinals } from './known-finals.ts';
import { pendingFinals } from './queries/pending-finals.ts';
import { type StoredAtOnce, storeFinals } from './queries/store-finals.ts';
import { takeAwayPending } from './queries/take-away-pending.ts';
import { knownBy, writeFinals } from './queries/write-finals.ts';

export class PostgresFinalsStore implements FinalsStore {
  readonly #postgres: Postgres;
  readonly #known = new KnownFinals();

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  async write(groups: readonly FinalGroup[]): Promise<FinalGroupResult[]> {
    if (groups.length === 0) return [];
    const stored = await this.#storeAtOnce(groups);
    if (stored) return stored;
    try {
      return await this.#postgres.write(({ sql }) => writeFinals(sql, groups));
    } catch (error) {
      if (!isDataError(error)) throw error;
    }
    // One group holds what no column takes; the transaction of all was undone. Each by itself, so that only that one is refused. A
    // connection that fails half way throws for all: those committed by then answer `duplicate` when they are sent again.
    const results: FinalGroupResult[] = [];
    for (const group of groups) results.push(await this.#writeAlone(group));
    return results;
  }

  async markLive(pending: readonly string[]): Promise<void> {
    if (pending.length > 0) await this.#postgres.writeOnce(({ sql }) => takeAwayPending(sql, pending));
  }

  pending(before: number, limit: number): Promise<PendingFinals[]> {
    return this.#postgres.read(({ sql }) => pendingFinals(sql, before, limit));
  }

  /** The way of nearly all finals. @returns undefined, with nothing done, when these must go the long one */
  async #storeAtOnce(groups: readonly FinalGroup[]): Promise<FinalGroupResult[] | undefined> {
    try {
      return await this.#tryAtOnce(groups);
    } catch (error) {
      this.#known.forget(groups);
      if (!isDataError(error)) throw error;
      return undefined;
    }
  }

  async #tryAtOnce(groups: readonly FinalGroup[]): Promise<FinalGroupResult[] | undefined> {
    const known = await this.#known.of(groups, (work) => this.#postgres.read(async ({ sql }) => work(sql)));
    const judgement = judgeFinals(groups, { ...known, finals: [] });
    if (!isPlain(known, judgement)) return undefined;
    const pending = await this.#postgres.writeOnce(({ sql }) => storeFinals(sql, orderOf(known, judgement)));
    if (pending === undefined) {
      this.#known.forget(groups);
      return undefined;
    }
    this.#known.note(judgement);
    return knownBy(judgement.results, pending);
  }

  async #writeAlone(group: FinalGroup): Promise<FinalGroupResult> {
    try {
      const [result] = await this.#postgres.write(({ sql }) => writeFinals(sql, [group]));
      if (!result) throw new Error('a group of finals without a result');
      return result;
    } catch (error) {
      if (!isDataError(error)) throw error;
      const message = `match ${group.match}: the database takes none of these values; use ids and scores of the documented form`;
      return { kind: 'refused', code: 'INVALID_REQUEST', message, player: undefined };
    }
  }
}

/** All of it is to be stored, and nothing but finals, standings and the ends of matches. What asks for more goes the long way: limits, a
 *  roster, a tolerance, a season that is closing. */
const isPlain = ({ matches }: Known, { results }: Judgement): boolean =>
  matches.every((match) => match.state === 'open' && !match.compares && !keepsPlayers(match)) &&
  results.every((result) => result.kind === 'stored' && !result.finals.some((final) => final.duplicate));

function orderOf({ matches, standings }: Known, judgement: Judgement): StoredAtOnce {
  const counts = new Map(standings.map(({ season, player, finals }) => [`${season} ${player}`, finals]));
  return {
    judgement,
    matches: matches.map((match) => match.id).sort(),
    seasons: [...new Set(matches.map((match) => match.season))].sort(),
    before: judgement.standings.map(({ season, player }) => counts.get(`${season} ${player}`) ?? 0),
  };
}
