import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** Rows are locked in key order before they are written, because two servers may mark the same ones. Key look-ups as in
 *  write-finals.ts; once locked, a row stays where its ctid says. */
export async function markFinalsLive(
  sql: Sql,
  finals: readonly { match: string; player: string }[],
  at: number,
): Promise<void> {
  const sorted = [...finals].sort((a, b) => (`${a.match} ${a.player}` < `${b.match} ${b.player}` ? -1 : 1));
  await sql`
    with live as materialized (
      select held.row
      from unnest(
        ${textArray(sorted.map((final) => final.match))}::text[],
        ${textArray(sorted.map((final) => final.player))}::text[]) as named (match, player)
      cross join lateral (select m.season from matches m where m.id = named.match limit 1) as played
      cross join lateral (
        select f.ctid as row from final_scores f
        where f.season = played.season and f.match = named.match and f.player = named.player and f.live_at is null
        limit 1 for update) as held)
    update final_scores set live_at = ${at} where ctid = any (array(select row from live))`;
}
