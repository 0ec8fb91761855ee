import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** Rows are locked in key order before they are written, because two servers may mark the same ones. */
export async function markFinalsLive(
  sql: Sql,
  finals: readonly { match: string; player: string }[],
  at: number,
): Promise<void> {
  await sql`
    with live as (
      select f.season, f.match, f.player
      from (select distinct match, player from unnest(
        ${textArray(finals.map((final) => final.match))}::text[],
        ${textArray(finals.map((final) => final.player))}::text[]) as sent (match, player)) as named
      join matches m on m.id = named.match
      join final_scores f on f.season = m.season and f.match = named.match and f.player = named.player
      where f.live_at is null
      order by f.season, f.match, f.player
      for update of f)
    update final_scores f set live_at = ${at}
    from live where f.season = live.season and f.match = live.match and f.player = live.player`;
}
