/** Deletions of players in Postgres. */
import { eq } from 'drizzle-orm';
import type { DeletionJob, PlayerDeletionStore } from '../board/player-deletion-store.ts';
import type { Postgres } from './connections.ts';
import { beginDeletion } from './queries/begin-deletion.ts';
import { pseudonymisePlayer } from './queries/pseudonymise-player.ts';
import { takeDeletions } from './queries/take-deletions.ts';
import { playerDeletions } from './schema-player-deletions.ts';

/** Tables are keyed by season first, so that one player's rows are found by reading much of them. */
const TIMEOUT_MS = 5 * 60_000;

export class PostgresPlayerDeletionStore implements PlayerDeletionStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  begin(of: { id: string; player: string; by: string; at: number }): Promise<DeletionJob | undefined> {
    return this.#postgres.write((connection) => beginDeletion(connection, of));
  }

  take(of: { now: number; until: number; erasedBefore: number; limit: number }): Promise<DeletionJob[]> {
    return this.#postgres.write(({ db }) => takeDeletions(db, of));
  }

  pseudonymise(job: string, at: number): Promise<{ job: DeletionJob; rows: number }> {
    return this.#postgres.write(async (connection) => {
      await connection.sql.unsafe(`set local statement_timeout = ${TIMEOUT_MS}`);
      return pseudonymisePlayer(connection, { job, at });
    }, TIMEOUT_MS);
  }

  async erased(job: string, at: number): Promise<void> {
    await this.#postgres.write(({ db }) =>
      db.update(playerDeletions).set({ erasedAt: at, leasedUntil: 0 }).where(eq(playerDeletions.id, job)),
    );
  }

  async release(job: string, until: number): Promise<void> {
    await this.#postgres.write(({ db }) =>
      db.update(playerDeletions).set({ leasedUntil: until }).where(eq(playerDeletions.id, job)),
    );
  }

  async finish(job: string, at: number): Promise<void> {
    await this.#postgres.write(({ db }) =>
      db.update(playerDeletions).set({ target: null, finishedAt: at }).where(eq(playerDeletions.id, job)),
    );
  }
}
