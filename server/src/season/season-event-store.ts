/** Port: the outbox of season events, in the database of record. Implemented by postgres/. */
import type { SeasonEventType } from '@photofinish/shared/domain/season';

/** What a receiver is told. The same id may come more than once, and events may come in another order than they happened. */
export interface SeasonEvent {
  /** `<season>.<type>`. */
  id: string;
  type: SeasonEventType;
  /** When it happened. */
  at: number;
  board: string;
  season: {
    id: string;
    number: number;
    startedAt: number;
    endsAt?: number;
    closingAt?: number;
    closedAt?: number;
  };
}

export interface OutboxEvent {
  event: SeasonEvent;
  attempts: number;
  nextAttemptAt: number | undefined;
  deliveredAt: number | undefined;
  /** Why the last attempt failed. */
  problem: string | undefined;
}

export interface SeasonEventStore {
  /** Takes events whose time has come, oldest first, for so long: another server leaves them alone meanwhile. Counts an attempt. */
  claim(of: { limit: number; leaseMs: number }): Promise<OutboxEvent[]>;
  delivered(id: string): Promise<void>;
  /** `retryInMs` undefined: given up. */
  failed(id: string, of: { problem: string; retryInMs: number | undefined }): Promise<void>;
  /** Newest first. */
  list(of: { undelivered: boolean; limit: number }): Promise<OutboxEvent[]>;
  /** Sends it again as soon as may be, delivered or not. undefined: there is none of this id. */
  sendAgain(id: string, by: string): Promise<OutboxEvent | undefined>;
}
