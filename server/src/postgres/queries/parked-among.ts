import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** Those of the players who have a parked row in the season. */
export async function parkedAmong(sql: Sql, season: string, players: readonly string[]): Promise<string[]> {
  const rows = await sql<{ player: string }[]>`
    select player from flush_failures
    where season = ${season} and player = any (${textArray(players)}::text[])`;
  return rows.map((row) => row.player);
}
