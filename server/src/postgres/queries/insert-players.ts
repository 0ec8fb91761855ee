import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** Parents of everything that names a player. @param players sorted and without repeats: two transactions that insert in
 *  different orders wait for each other */
export const insertPlayers = (sql: Sql, players: readonly string[]) => sql`
  insert into players (id)
  select id from unnest(${textArray(players)}::text[]) as sent (id)
  on conflict (id) do nothing`;
