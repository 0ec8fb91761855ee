import type { FlushFailure } from '../../flush/flush-failure-store.ts';
import type { Sql } from '../connection.ts';

export async function findParked(
  sql: Sql,
  season: string,
  player: string,
): Promise<FlushFailure | undefined> {
  const [row] = await sql<FlushFailure[]>`
    select season, player, record, reason, sqlstate as "sqlState", epoch, rev, at
    from flush_failures where season = ${season} and player = ${player}`;
  return row;
}

/** The same, held until the transaction ends: neither a flush nor another admin can take it away meanwhile. */
export async function holdParked(
  sql: Sql,
  season: string,
  player: string,
): Promise<FlushFailure | undefined> {
  const [row] = await sql<FlushFailure[]>`
    select season, player, record, reason, sqlstate as "sqlState", epoch, rev, at
    from flush_failures where season = ${season} and player = ${player} for update`;
  return row;
}
