import type { RowHead } from '../../flush/snapshot-scan.ts';
import type { Sql } from '../connection.ts';

interface Row {
  player: string;
  epoch: number | null;
  rev: number | null;
  finals: number;
}

/** The next `limit` players after `after`, in key order, with how new Postgres is about them. A standing counts once none of its
 *  finals waits for Redis: those that wait are repaired elsewhere, and reading them here would call a final under way a loss. */
export async function rowHeads(
  sql: Sql,
  page: { season: string; after: string; limit: number },
): Promise<RowHead[]> {
  const { season, after, limit } = page;
  const rows = await sql<Row[]>`
    select keys.player, t.epoch, t.rev,
      case when s.player is null or pending.player is not null then 0 else s.finals end as finals
    from (
      (select player from snapshot_entries where season = ${season} and player > ${after}
        order by player limit ${limit})
      union
      (select player from standings where season = ${season} and player > ${after} order by player limit ${limit})
      order by player limit ${limit}
    ) as keys
    left join snapshot_entries t on t.season = ${season} and t.player = keys.player
    left join standings s on s.season = ${season} and s.player = keys.player
    left join (
      select distinct named.player
      from pending_finals p cross join lateral unnest(p.seasons, p.players) as named (season, player)
      where named.season = ${season}
    ) as pending on pending.player = keys.player
    order by keys.player`;
  return rows.map(({ player, epoch, rev, finals }) => ({
    player,
    row: epoch === null || rev === null ? undefined : { epoch, rev },
    finals,
  }));
}
