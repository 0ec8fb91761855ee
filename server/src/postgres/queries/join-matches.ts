import { textArray, wholeArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

export interface Joining {
  season: string;
  match: string;
  player: string;
  at: number;
}

/** Who joined before stays as they are. The matches' rows are held by whoever calls it, so that nobody else counts meanwhile. */
export const joinMatches = (sql: Sql, joining: readonly Joining[]) => sql`
  insert into match_players (season, match, player, joined_at)
  select season, match, player, joined_at from unnest(
    ${textArray(joining.map((one) => one.season))}::text[],
    ${textArray(joining.map((one) => one.match))}::text[],
    ${textArray(joining.map((one) => one.player))}::text[],
    ${wholeArray(joining.map((one) => one.at))}::bigint[]) as sent (season, match, player, joined_at)
  on conflict (season, match, player) do nothing`;
