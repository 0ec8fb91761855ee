import type { OwedMatch } from '../../board/match-life-store.ts';
import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** Belongs in a transaction. A match that a server took is nobody else's for a while. */
export async function takeOwedMatches(
  sql: Sql,
  of: { at: number; retryMs: number; limit: number },
): Promise<OwedMatch[]> {
  const { at, retryMs, limit } = of;
  const taken = await sql<Omit<OwedMatch, 'players'>[]>`
    with owed as materialized (
      select id from matches
      where abandoned_at is not null and dropped_at is null
        and (drop_tried_at is null or drop_tried_at <= ${at - retryMs})
      order by abandoned_at limit ${limit}
      for no key update skip locked)
    update matches set drop_tried_at = ${at}
    from owed where matches.id = owed.id
    returning matches.id, season, started_at as "startedAt", abandoned_at as "abandonedAt"`;
  if (taken.length === 0) return [];
  const rows = await sql<{ match: string; player: string }[]>`
    select p.match, p.player
    from unnest(
      ${textArray(taken.map((match) => match.season))}::text[],
      ${textArray(taken.map((match) => match.id))}::text[]) as named (season, match)
    join match_players p on p.season = named.season and p.match = named.match`;
  const players = new Map<string, string[]>(taken.map((match) => [match.id, []]));
  for (const { match, player } of rows) players.get(match)?.push(player);
  return taken.map((match) => ({ ...match, players: players.get(match.id) ?? [] }));
}

export const markMatchesDropped = (sql: Sql, ids: readonly string[], at: number) => sql`
  update matches set dropped_at = ${at} where id = any (${textArray(ids)}::text[])`;
