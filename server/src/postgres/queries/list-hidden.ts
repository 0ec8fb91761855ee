import type { HiddenPlayer, HiddenQuery } from '../../board/hiding-store.ts';
import type { Sql } from '../connection.ts';

/** In key order. */
export async function listHidden(sql: Sql, of: HiddenQuery): Promise<HiddenPlayer[]> {
  const { board, after, limit } = of;
  const onBoard = board === undefined ? sql`` : sql`and board = ${board}`;
  const rows = await sql<HiddenPlayer[]>`
    with found as (
      (select id as player from players where hidden and id > ${after} order by id limit ${limit})
      union
      (select distinct player from hidden_players where player > ${after} ${onBoard} order by player limit ${limit})
      order by player limit ${limit})
    select player, players.hidden as everywhere,
      to_jsonb(array(select board from hidden_players h where h.player = found.player order by board)) as boards
    from found join players on players.id = player
    order by player`;
  return [...rows];
}
