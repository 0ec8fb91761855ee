import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

export const playerNames = (sql: Sql, players: readonly string[]) => sql<{ id: string; name: string }[]>`
  select id, name from players where id = any(${textArray(players)}::text[]) and name is not null`;
