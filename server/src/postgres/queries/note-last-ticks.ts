import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

export interface NotedFinal {
  season: string;
  match: string;
  matchKey: string;
  player: string;
}

/** Notes beside finals what the flusher last left of their matches: a rebuild of the season drops it. Belongs in the finals' transaction. */
export const noteLastTicks = (sql: Sql, finals: readonly NotedFinal[]) => sql`
  update final_scores f set last_tick = seen.provisional
  from (
    select named.season, named.match, named.player, entry.provisional
    from unnest(
      ${textArray(finals.map((final) => final.season))}::text[],
      ${textArray(finals.map((final) => final.match))}::text[],
      ${textArray(finals.map((final) => final.matchKey))}::text[],
      ${textArray(finals.map((final) => final.player))}::text[]) as named (season, match, match_key, player)
    cross join lateral (
      select e.provisional from snapshot_entries e
      where e.season = named.season and e.player = named.player and e.match_key = named.match_key
        and not e.match_ended and e.provisional is not null
      limit 1) as entry) as seen
  where f.season = seen.season and f.match = seen.match and f.player = seen.player`;

export const notedTicks = (
  sql: Sql,
  season: string,
  finals: readonly { match: string; player: string }[],
) => sql<{ match: string; player: string; score: number }[]>`
  select named.match, named.player, noted.score
  from unnest(
    ${textArray(finals.map((final) => final.match))}::text[],
    ${textArray(finals.map((final) => final.player))}::text[]) as named (match, player)
  cross join lateral (
    select f.last_tick as score from final_scores f
    where f.season = ${season} and f.match = named.match and f.player = named.player and f.last_tick is not null
    limit 1) as noted`;
