/** Write-through finals in Postgres. */
import type { FinalGroup, FinalGroupResult, FinalsStore, PendingFinal } from '../board/finals-store.ts';
import type { Postgres } from './connections.ts';
import { isDataError } from './faults.ts';
import { markFinalsLive } from './queries/mark-finals-live.ts';
import { pendingFinals } from './queries/pending-finals.ts';
import { writeFinals } from './queries/write-finals.ts';

export class PostgresFinalsStore implements FinalsStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  async write(groups: readonly FinalGroup[]): Promise<FinalGroupResult[]> {
    if (groups.length === 0) return [];
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

  async markLive(finals: readonly { match: string; player: string }[], at: number): Promise<void> {
    if (finals.length > 0) await this.#postgres.write(({ sql }) => markFinalsLive(sql, finals, at));
  }

  pending(before: number, limit: number): Promise<PendingFinal[]> {
    return this.#postgres.read(({ sql }) => pendingFinals(sql, before, limit));
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
