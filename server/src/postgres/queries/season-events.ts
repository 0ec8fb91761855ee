import type { SeasonEventType } from '@photofinish/shared/domain/season';
import type { OutboxEvent } from '../../season/season-event-store.ts';
import type { Sql } from '../connection.ts';

interface Row {
  id: string;
  type: SeasonEventType;
  at: number;
  attempts: number;
  next_attempt_at: number | null;
  delivered_at: number | null;
  problem: string | null;
  board: string;
  season: string;
  number: number;
  started_at: number;
  ends_at: number | null;
  closing_at: number | null;
  closed_at: number | null;
}

export const NOW_MS = (sql: Sql) => sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

export const eventColumns = (sql: Sql) => sql`
  e.id, e.type, e.at, e.attempts, e.next_attempt_at, e.delivered_at, e.problem,
  s.board, s.id as season, s.number, s.started_at, s.ends_at, s.closing_at, s.closed_at`;

export const outboxEvent = (row: Row): OutboxEvent => ({
  event: {
    id: row.id,
    type: row.type,
    at: row.at,
    board: row.board,
    season: {
      ...{ id: row.season, number: row.number, startedAt: row.started_at },
      ...(row.ends_at === null ? {} : { endsAt: row.ends_at }),
      ...(row.closing_at === null ? {} : { closingAt: row.closing_at }),
      ...(row.closed_at === null ? {} : { closedAt: row.closed_at }),
    },
  },
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at ?? undefined,
  deliveredAt: row.delivered_at ?? undefined,
  problem: row.problem ?? undefined,
});

/** Newest first. */
export async function listSeasonEvents(
  sql: Sql,
  of: { undelivered: boolean; limit: number },
): Promise<OutboxEvent[]> {
  const rows = await sql<Row[]>`
    select ${eventColumns(sql)}
    from season_events e join seasons s on s.id = e.season
    where ${of.undelivered ? sql`e.delivered_at is null` : sql`true`}
    order by e.at desc, e.id desc limit ${of.limit}`;
  return rows.map(outboxEvent);
}

/** A row that another server claims at this moment is passed over. */
export async function claimSeasonEvents(
  sql: Sql,
  of: { limit: number; leaseMs: number },
): Promise<OutboxEvent[]> {
  const rows = await sql<Row[]>`
    with due as (
      select id from season_events where next_attempt_at <= ${NOW_MS(sql)}
      order by next_attempt_at, id limit ${of.limit} for update skip locked),
    taken as (
      update season_events set attempts = attempts + 1, next_attempt_at = ${NOW_MS(sql)} + ${of.leaseMs}::bigint
      from due where season_events.id = due.id returning season_events.*)
    select ${eventColumns(sql)} from taken e join seasons s on s.id = e.season
    order by e.at, s.number, e.type desc`;
  return rows.map(outboxEvent);
}

export async function seasonEventOf(sql: Sql, id: string): Promise<OutboxEvent | undefined> {
  const [row] = await sql<Row[]>`
    select ${eventColumns(sql)} from season_events e join seasons s on s.id = e.season where e.id = ${id}`;
  return row && outboxEvent(row);
}
