/** Port: tells people what they must look after. Implemented by observe/alerts.ts.
 *
 *  An alert is one incident from its first raise until every subject of it is cleared: raising again tells nobody a second time. */
import type { LiveSeason } from '../board/live-board.ts';

/** Every alert there is, and what it means; whoever has something to tell adds a line. Names are labels of metrics. */
export const ALERTS = {
  'flush-failing': 'Flushes fail: acknowledged ticks stay in Redis alone, and the window grows.',
  'window-past-limit': 'The oldest change that Postgres does not have is older than the board allows.',
  'rows-refused':
    'Postgres keeps having newer rows than the flusher: another one is at work, or Redis went back in time.',
  'poison-parked':
    'Rows that Postgres refuses are parked; retry or discard them under /v1/admin/flush-failures.',
  'drift-found':
    'Redis and the snapshot disagreed where both should be the same, and were made alike; it clears once a whole comparison finds nothing.',
  'redo-used':
    'Redis lost acknowledged ticks, and they were applied again; it clears once they are committed.',
} as const;
export type AlertName = keyof typeof ALERTS;

export interface Alarm {
  /** @param subject what it is about, a season's id as a rule @param detail facts; no secrets */
  raise(alert: AlertName, subject: string, detail: Readonly<Record<string, unknown>>): void;
  /** Nothing happens for a subject that was not raised. */
  clear(alert: AlertName, subject: string): void;
  /** Subjects that are raised and not cleared. */
  active(alert: AlertName): string[];
}

/** How old the oldest dirty entry may become before somebody is told. */
export const windowLimitMs = ({ board }: LiveSeason): number =>
  board.flush.windowLimitMs ?? Math.max(30_000, 5 * board.flush.intervalMs);
