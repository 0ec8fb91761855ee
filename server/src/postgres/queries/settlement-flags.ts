import type { Flag } from '../../board/flag-store.ts';
import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** Open flags of a season that are about one of these players, oldest first. */
export async function openFlagsOf(sql: Sql, season: string, players: readonly string[]): Promise<Flag[]> {
  if (players.length === 0) return [];
  return sql<Flag[]>`
    select id, kind, board, season, match, player, detail, at, status, decided_at as "decidedAt", decided_by as "decidedBy"
    from flags
    where season = ${season} and status = 'open' and player = any (${textArray(players)}::text[])
    order by id`;
}

/** Finals of a season that Redis was not known to have: they may still be flagged. */
export async function countPendingFinals(sql: Sql, season: string): Promise<number> {
  const [row] = await sql<{ pending: number }[]>`
    select count(*) as pending
    from pending_finals p cross join lateral unnest(p.seasons) as named (season) where named.season = ${season}`;
  return row?.pending ?? 0;
}
