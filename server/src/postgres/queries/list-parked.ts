import type { FlushFailure } from '../../flush/flush-failure-store.ts';
import type { Sql } from '../connection.ts';

/** By season and player. @param of `season` undefined: of all seasons */
export async function listParked(
  sql: Sql,
  of: { season: string | undefined; limit: number },
): Promise<{ total: number; failures: FlushFailure[] }> {
  const season = of.season ?? null;
  const [counted, rows] = await Promise.all([
    sql<{ total: number }[]>`
      select count(*) as total from flush_failures where ${season}::text is null or season = ${season}`,
    sql<FlushFailure[]>`
      select season, player, record, reason, sqlstate as "sqlState", epoch, rev, at
      from flush_failures where ${season}::text is null or season = ${season}
      order by season, player limit ${of.limit}`,
  ]);
  return { total: counted[0]?.total ?? 0, failures: [...rows] };
}
