import type { HidingChange } from '../../board/hiding-store.ts';
import { textArray } from '../array-literal.ts';
import type { Database, Sql } from '../connection.ts';
import { insertPlayers } from './insert-players.ts';
import { recordAudit } from './record-audit.ts';

/** Belongs in a transaction. @returns the players for which it was a change: one audit record each, and one version for all
 *
 *  The row of '' is locked first, whatever the board: versions are then committed in their order, and no season can be told of a
 *  version while an earlier one is still to be committed. */
export async function changeHidden(
  { sql, db }: { sql: Sql; db: Database },
  change: HidingChange,
): Promise<string[]> {
  const { board, hidden, by } = change;
  await sql`
    insert into hiding_versions (board, version) values ('', 0)
    on conflict (board) do update set version = hiding_versions.version`;
  const players = [...new Set(change.players)].sort();
  if (hidden) await insertPlayers(sql, players);
  const changed =
    board === undefined
      ? await onAll(sql, players, hidden)
      : await onOne(sql, players, { board, hidden, by });
  if (changed.length === 0) return [];
  await sql`
    insert into hiding_versions (board, version) values (${board ?? ''}, 1)
    on conflict (board) do update set version = hiding_versions.version + 1`;
  const action = hidden ? 'player.hide' : 'player.unhide';
  await Promise.all(
    changed.map(({ player }) =>
      recordAudit(db, { by, action, target: player, detail: { board: board ?? null } }),
    ),
  );
  return changed.map(({ player }) => player);
}

const onAll = (sql: Sql, players: readonly string[], hidden: boolean) => sql<{ player: string }[]>`
  update players set hidden = ${hidden}
  where id = any (${textArray(players)}::text[]) and hidden <> ${hidden}
  returning id as player`;

function onOne(
  sql: Sql,
  players: readonly string[],
  { board, hidden, by }: { board: string; hidden: boolean; by: string },
) {
  if (!hidden)
    return sql<{ player: string }[]>`
      delete from hidden_players where board = ${board} and player = any (${textArray(players)}::text[])
      returning player`;
  return sql<{ player: string }[]>`
    insert into hidden_players (board, player, by)
    select ${board}::text, player, ${by}::text from unnest(${textArray(players)}::text[]) as sent (player)
    on conflict (board, player) do nothing
    returning player`;
}
