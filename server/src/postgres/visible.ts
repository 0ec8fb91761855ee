/** Who has a place on a board, as SQL: whoever is hidden neither on it nor on all. */
import type { Sql } from './connection.ts';

/** For `where`. @param table that has the column `player`, under the name that the query gives it: a bare `player` would be that of
 *  `hidden_players` itself */
export const visible = (sql: Sql, board: string, table: string) => sql`
  not exists (select from players p where p.id = ${sql(table)}.player and p.hidden)
  and not exists (select from hidden_players h where h.board = ${board} and h.player = ${sql(table)}.player)`;
