/** What all steps of one run share. */
import type { Client } from '@photofinish/shared/client/client';
import type { SeqSource } from '@photofinish/shared/client/seq';
import type { Rules } from './books/operators.ts';
import type { Chance } from './chance.ts';
import type { Database } from './database.ts';
import type { Findings } from './findings.ts';
import type { FlushWatch } from './flush-watch.ts';
import type { HttpApi } from './http-api.ts';
import type { Options } from './options.ts';
import type { Player } from './players/player.ts';
import type { Bounds } from './players/walk.ts';
import type { Stage } from './prepare.ts';
import type { TickTally } from './tick-tally.ts';

/** Tells whoever watches how the run goes. */
export interface Report {
  phase(text: string): void;
  progress(progress: {
    done: number;
    of: number;
    acked: number;
    ackMsP99: number;
    dirty: number;
    oldestDirtyMs: number;
  }): void;
  top(rows: readonly { rank: number; player: string; score: number }[]): void;
  /** No more progress; whatever was drawn stays or goes. */
  end(): void;
}

export interface FinalsTally {
  sent: number;
  acked: number;
  resent: number;
  inPostgres: number;
  conflicts: number;
  /** Some final was answered `live: pending`: ranks follow a little later. */
  pending: boolean;
  /** What must be in the database: `match player` to score. */
  readonly expected: Map<string, number>;
}

export interface Run extends Stage {
  options: Options;
  rules: Rules & { bounds: Bounds };
  chance: Chance;
  api: HttpApi;
  database: Database | undefined;
  /** The game server's connection. */
  host: Client;
  players: readonly Player[];
  seq: SeqSource;
  tally: TickTally;
  finals: FinalsTally;
  watch: FlushWatch;
  findings: Findings;
  report: Report;
}
