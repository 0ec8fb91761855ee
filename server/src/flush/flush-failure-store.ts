/** Port: parked rows, the entries that the snapshot refused. Implemented by postgres/.
 *
 *  Invariant: a parked row leaves only when the same or a newer change of its entry is in the snapshot, or when an admin discards it. */
import type { EntryRecord } from './dirty-queue.ts';

export interface FlushFailure {
  season: string;
  player: string;
  /** The entry as it was when it was refused: the newest acknowledged change of it that Postgres has. */
  record: EntryRecord;
  /** What Postgres said. */
  reason: string;
  sqlState: string;
  epoch: number;
  rev: number;
  /** When it was refused last, in milliseconds. */
  at: number;
}

export interface FlushFailureStore {
  /** Keeps the newest refused record of the entry. Fenced as a write is. */
  park(refused: {
    season: string;
    epoch: number;
    record: EntryRecord;
    reason: string;
    sqlState: string;
  }): Promise<{ kind: 'ok' } | { kind: 'fenced'; epoch: number }>;
  /** By season and player. `season` undefined: of all. */
  list(of: {
    season: string | undefined;
    limit: number;
  }): Promise<{ total: number; failures: FlushFailure[] }>;
  /** Those of the players who have a parked row. */
  among(season: string, players: readonly string[]): Promise<string[]>;
  find(season: string, player: string): Promise<FlushFailure | undefined>;
  /** Records in the audit log that `by` asks for it. @throws Fault NOT_FOUND */
  noteRetry(season: string, player: string, by: string): Promise<FlushFailure>;
  /** Writes the parked record itself to the snapshot, if nothing newer is there, and forgets it.
   *  @throws RowsRefused when it is still refused: it stays parked */
  writeParked(season: string, player: string): Promise<void>;
  /** Forgets it, with an audit record that holds it. @throws Fault NOT_FOUND */
  discard(season: string, player: string, by: string): Promise<FlushFailure>;
}
