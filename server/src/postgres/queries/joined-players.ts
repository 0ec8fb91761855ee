import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

export interface NamedPlayer {
  season: string;
  match: string;
  player: string;
}

/** Who of the named plays the match that they are named with. Key look-ups, as in write-finals.ts. */
export const joinedPlayers = (sql: Sql, named: readonly NamedPlayer[]) => sql<
  { match: string; player: string }[]
>`
  select named.match, named.player
  from unnest(
    ${textArray(named.map((one) => one.season))}::text[],
    ${textArray(named.map((one) => one.match))}::text[],
    ${textArray(named.map((one) => one.player))}::text[]) as named (season, match, player)
  cross join lateral (
    select from match_players p
    where p.season = named.season and p.match = named.match and p.player = named.player
    limit 1) as joined`;

/** How many play each match. */
export const countPlayers = (sql: Sql, matches: readonly { season: string; id: string }[]) => sql<
  { match: string; players: number }[]
>`
  select named.match, counted.players
  from unnest(
    ${textArray(matches.map((match) => match.season))}::text[],
    ${textArray(matches.map((match) => match.id))}::text[]) as named (season, match)
  cross join lateral (
    select count(*) as players from match_players p
    where p.season = named.season and p.match = named.match) as counted`;
