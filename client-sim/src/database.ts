/** Every row that the simulator reads, over a connection of its own: what the server says is in Postgres is looked up there. */
import postgres from 'postgres';

export interface SnapshotRow {
  player: string;
  score: number;
  achievedAt: number;
  confirmed: number | null;
  provisional: number | null;
}

export interface FinalRow {
  match: string;
  player: string;
  score: number;
}

export interface StandingRow {
  rank: number;
  player: string;
  score: number;
  achievedAt: number;
}

export interface AwardRow {
  player: string;
  rank: number;
  amountMinor: number;
}

const CONNECT_TIMEOUT_S = 10;
/** Reads of a run's season are done in well under a second; a database that hangs must not hang the run. */
const STATEMENT_TIMEOUT_MS = 60_000;

export class Database {
  readonly #sql: postgres.Sql<{ bigint: number }>;

  constructor(url: string) {
    this.#sql = postgres(url, {
      max: 2,
      connect_timeout: CONNECT_TIMEOUT_S,
      connection: { application_name: 'photofinish-sim', statement_timeout: STATEMENT_TIMEOUT_MS },
      // Every bigint here is a score or a time, within 2^53 - 1 by the tables' own checks.
      types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
      onnotice: () => {},
    });
  }

  /** @throws when the database cannot be reached, or holds no Photofinish tables */
  async assertReadable(): Promise<void> {
    await this.#sql`select season from snapshot_entries limit 1`;
  }

  snapshotRows(season: string): Promise<SnapshotRow[]> {
    return this.#sql<SnapshotRow[]>`
      select player, score, achieved_at as "achievedAt", confirmed, provisional
      from snapshot_entries where season = ${season}`;
  }

  finalRows(season: string): Promise<FinalRow[]> {
    return this.#sql<FinalRow[]>`select match, player, score from final_scores where season = ${season}`;
  }

  settledRows(season: string): Promise<StandingRow[]> {
    return this.#sql<StandingRow[]>`
      select rank, player, score, achieved_at as "achievedAt"
      from settled_standings where season = ${season} order by rank`;
  }

  awardRows(season: string): Promise<AwardRow[]> {
    return this.#sql<AwardRow[]>`
      select player, rank, amount_minor as "amountMinor" from awards where season = ${season} order by rank`;
  }

  async end(): Promise<void> {
    await this.#sql.end({ timeout: 2 });
  }
}
