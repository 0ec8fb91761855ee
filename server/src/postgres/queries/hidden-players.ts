import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** The next players after `after` that are hidden on the board, by itself or on all, in key order. */
export async function hiddenPlayers(
  sql: Sql,
  of: { board: string; after: string; limit: number },
): Promise<string[]> {
  const { board, after, limit } = of;
  const rows = await sql<{ player: string }[]>`
    (select id as player from players where hidden and id > ${after} order by id limit ${limit})
    union
    (select player from hidden_players where board = ${board} and player > ${after} order by player limit ${limit})
    order by player limit ${limit}`;
  return rows.map(({ player }) => player);
}

/** Those of the players that are hidden on the board, and the version of its list: one statement, so that both are of one moment. */
export async function hiddenAmong(
  sql: Sql,
  of: { board: string; players: readonly string[] },
): Promise<{ version: number; hidden: string[] }> {
  const { board } = of;
  const players = textArray(of.players);
  const rows = await sql<{ version: number; player: string | null }[]>`
    with told as (
      select coalesce(sum(version), 0)::bigint as version from hiding_versions where board in ('', ${board})),
    found as (
      select id as player from players where hidden and id = any (${players}::text[])
      union
      select player from hidden_players where board = ${board} and player = any (${players}::text[]))
    select told.version, found.player from told left join found on true`;
  return {
    version: rows[0]?.version ?? 0,
    hidden: rows.flatMap(({ player }) => (player === null ? [] : [player])),
  };
}

/** In the order of the boards. */
export async function hidingVersions(sql: Sql, boards: readonly string[]): Promise<number[]> {
  const rows = await sql<{ board: string; version: number }[]>`
    select board, version from hiding_versions where board = '' or board = any (${textArray(boards)}::text[])`;
  const of = new Map(rows.map(({ board, version }) => [board, version]));
  return boards.map((board) => (of.get('') ?? 0) + (of.get(board) ?? 0));
}
