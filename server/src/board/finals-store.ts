/** Port: write-through finals. Implemented by postgres/. */

import type { Mark } from '@photofinish/shared/domain/entry';
import type { ErrorCode } from '@photofinish/shared/protocol/errors';
import type { HeldUnit } from './sent-unit.ts';

export interface NewFinalScore extends HeldUnit {
  player: string;
  score: number;
}

/** One request's finals of one match: all are stored or none. */
export interface FinalGroup {
  match: string;
  finals: readonly NewFinalScore[];
  /** `match.end`: the match takes no further finals. */
  end: boolean;
  at: number;
}

export interface StoredFinal {
  player: string;
  score: number;
  /** Stored before with the same score and columns: nothing changed now, its metadata neither. */
  duplicate: boolean;
  /** The player's standing after it. */
  confirmed: Mark;
  finals: number;
  /** What the player's first final wished for. */
  bucket?: string | undefined;
}

export type FinalGroupResult =
  | {
      kind: 'stored';
      season: string;
      matchStartedAt: number;
      finals: StoredFinal[];
      /** What `markLive` is told once Redis has the finals of its transaction; undefined where none of them is new. */
      pending: string | undefined;
    }
  | { kind: 'refused'; code: ErrorCode; message: string; player: string | undefined };

export interface PendingFinal {
  season: string;
  match: string;
  matchStartedAt: number;
  player: string;
  /** The final itself. */
  score: number;
  confirmed: Mark;
  finals: number;
  bucket?: string | undefined;
}

/** Finals of one transaction. */
export interface PendingFinals {
  id: string;
  finals: PendingFinal[];
}

export interface FinalsStore {
  /** One transaction for all groups; each group is whole or refused by itself. When it resolves, all is committed.
   *  @throws Fault UNAVAILABLE (nothing was done) or OUTCOME_UNKNOWN (the commit's answer was lost; safe to resend) */
  write(groups: readonly FinalGroup[]): Promise<FinalGroupResult[]>;
  /** Redis has all finals of these transactions. Losing this call costs one harmless repair. */
  markLive(pending: readonly string[]): Promise<void>;
  /** Committed finals older than `before` that Redis may lack, oldest first, of at most `limit` transactions. */
  pending(before: number, limit: number): Promise<PendingFinals[]>;
}
