import { Fault } from '@photofinish/shared/protocol/errors';
import { eq } from 'drizzle-orm';
import type { Match } from '../../board/board-store.ts';
import { keepsPlayers } from '../../board/match-limits.ts';
import type { Connection, Sql } from '../connection.ts';
import { matches } from '../schema.ts';
import { matchOf } from './find-match.ts';
import { recordAudit } from './record-audit.ts';

/** Two servers never take the same one: who comes second passes over a locked row, and finds it ended after that. A closed season stays as it closed. */
export async function abandonDue(sql: Sql, at: number, limit: number): Promise<Match[]> {
  const rows = await sql<Parameters<typeof matchOf>[0][]>`
    with due as materialized (
      select m.id from matches m join seasons s on s.id = m.season
      where m.ended_at is null and m.due_at <= ${at} and s.state in ('open', 'closing')
      order by m.due_at limit ${limit}
      for no key update of m skip locked)
    update matches set ended_at = ${at}, abandoned_at = ${at}
    from due where matches.id = due.id
    returning matches.id, season, board, started_at as "startedAt", ended_at as "endedAt", limits, rostered, abandoned_at as "abandonedAt"`;
  return rows.map(matchOf);
}

/** Belongs in a transaction. @returns undefined when there is no such match. @throws Fault MATCH_ENDED, INVALID_REQUEST */
export async function abandonMatch(
  { db }: Connection,
  { id, at, by }: { id: string; at: number; by: string },
): Promise<Match | undefined> {
  const [row] = await db.select().from(matches).where(eq(matches.id, id)).for('update');
  if (!row || row.abandonedAt !== null) return row && matchOf(row);
  if (row.endedAt !== null)
    throw new Fault('MATCH_ENDED', `match: ${id} has ended, so it cannot be abandoned; its finals stand`, {
      field: 'match',
      limit: 'matches that have not ended',
      fix: 'hide a player whose finals must not count',
    });
  if (!keepsPlayers(row))
    throw new Fault(
      'INVALID_REQUEST',
      `match: ${id} has no limits and no roster, so nobody keeps who played it; give the board matches.timeoutMs and start others`,
      { field: 'match', limit: 'matches with limits or a roster', fix: "set the board's matches.timeoutMs" },
    );
  await db.update(matches).set({ endedAt: at, abandonedAt: at }).where(eq(matches.id, id));
  const { board, season } = row;
  await recordAudit(db, { by, action: 'match.abandon', target: id, detail: { board, season } });
  return matchOf({ ...row, endedAt: at, abandonedAt: at });
}
