/** Port: deletions of players, and what is known of one player, in the database of record. Implemented by postgres/. */

export interface DeletionJob {
  id: string;
  player: string;
  /** Stands in place of the player from the first pseudonymising on; undefined before it. */
  pseudonym: string | undefined;
  /** When nothing named the player any more. */
  erasedAt: number | undefined;
}

export interface PlayerDeletionStore {
  /** The deletion under way, or a new one; undefined where nothing names the player. */
  begin(of: { id: string; player: string; by: string; at: number }): Promise<DeletionJob | undefined>;
  /** Deletions that nobody works on and whose second look, if they wait for one, is due. They are the caller's until `until`. */
  take(of: { now: number; until: number; erasedBefore: number; limit: number }): Promise<DeletionJob[]>;
  /** In one transaction, with its audit record the first time: what names the player names the pseudonym. A row that the pseudonym has
   *  already is dropped. @returns the job, and how many rows named the player */
  pseudonymise(job: string, at: number): Promise<{ job: DeletionJob; rows: number }>;
  /** Nothing names the player as far as was seen. */
  erased(job: string, at: number): Promise<void>;
  /** Free for whoever takes it after `until`: this pass did not end it. */
  release(job: string, until: number): Promise<void>;
  /** The job forgets the player. */
  finish(job: string, at: number): Promise<void>;
}
