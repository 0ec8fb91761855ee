import { textArray, wholeArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** Matches that were played are given up later; never earlier than it was. Those that ended, or have no timeout, stay as they are. Locked by id, as finals do. */
export const postponeMatches = (sql: Sql, played: readonly { match: string; dueAt: number }[]) => sql`
  with held as materialized (
    select m.id, sent.due_at
    from matches m join unnest(
      ${textArray(played.map((one) => one.match))}::text[],
      ${wholeArray(played.map((one) => one.dueAt))}::bigint[]) as sent (id, due_at) on sent.id = m.id
    where m.ended_at is null and m.due_at < sent.due_at
    order by m.id for no key update of m)
  update matches set due_at = held.due_at from held where matches.id = held.id`;
