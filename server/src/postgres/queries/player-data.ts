import { Fault } from '@photofinish/shared/protocol/errors';
import type { PlayerData } from '../../board/player-export.ts';
import type { Sql } from '../connection.ts';
import { PLAYER_TABLES } from '../player-tables.ts';

/** Belongs in one snapshot (repeatable read). Rows are told as they are, times in milliseconds. */
export async function playerData(sql: Sql, player: string, rowsMax: number): Promise<PlayerData | undefined> {
  const tables: Record<string, readonly unknown[]> = {};
  let left = rowsMax;
  const read = async (name: string, rows: PromiseLike<{ row: unknown }[]>) => {
    const found = (await rows).map(({ row }) => row);
    left -= found.length;
    if (left < 0) throw tooMany(player, rowsMax);
    tables[name] = found;
  };
  await read(
    'players',
    sql<{ row: unknown }[]>`select to_jsonb(players) as row from players where id = ${player}`,
  );
  for (const { name } of PLAYER_TABLES)
    await read(
      name,
      sql<{ row: unknown }[]>`
        select to_jsonb(t) as row from ${sql(name)} as t where player = ${player} limit ${left + 1}`,
    );
  await read(
    'audit_log',
    sql<{ row: unknown }[]>`
      select to_jsonb(a) as row from audit_log a
      where (target = ${player} and action ~ '^(player|flag)[.]') or by = ${player} or detail ->> 'player' = ${player}
        or (jsonb_typeof(detail -> 'players') = 'array' and detail -> 'players' ? ${player})
      order by id limit ${left + 1}`,
  );
  return left === rowsMax ? undefined : { tables };
}

const tooMany = (player: string, rowsMax: number): Fault =>
  new Fault('OVERLOADED', `player: more than ${rowsMax} rows name ${player}; they are not exported at once`, {
    field: 'player',
    limit: `${rowsMax} rows`,
    fix: 'read the tables of the database by player',
  });
