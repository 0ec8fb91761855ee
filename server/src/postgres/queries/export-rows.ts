import type { Board } from '@photofinish/shared/domain/board';
import type { ExportRow, ExportSource } from '../../season/export-store.ts';
import type { Sql } from '../connection.ts';
import { countsIn } from '../ranked-table.ts';
import { rankOver, totalOrder } from '../total-order.ts';
import { visible } from '../visible.ts';

const TABLES = {
  settled: 'settled_standings',
  finals: 'standings',
  snapshot: 'snapshot_entries',
} as const satisfies Record<ExportSource, string>;

/** Opens a cursor over all rows of the season in rank order, in a transaction that is open already and sees one moment. A scroll cursor:
 *  it keeps what it has read, so that going back to the first row sorts nothing again. A settlement has fixed who is in it. */
export const declareExport = (sql: Sql, of: { season: string; board: Board; source: ExportSource }) => {
  const { season, board, source } = of;
  const table = TABLES[source];
  return sql`
    declare export scroll cursor for
    select ${rankOver(sql, board)} as rank, r.player, names.name, r.score, r.columns_key as "columnsKey",
      r.achieved_at as "achievedAt", r.metadata, ${board.buckets ? sql`placed.bucket` : sql`null`} as bucket
    from (
      select player, score, columns_key, achieved_at, metadata from ${sql(table)}
      where season = ${season} and ${countsIn(sql, table)}
        and ${source === 'settled' ? sql`true` : visible(sql, board.id, table)}) as r
    left join players names on names.id = r.player
    ${board.buckets ? sql`left join (select player as who, bucket from snapshot_entries where season = ${season}) placed on placed.who = r.player` : sql``}
    order by ${totalOrder(sql, board.sortOrder)}`;
};

export const fetchExport = (sql: Sql, count: number) =>
  sql.unsafe<ExportRow[]>(`fetch forward ${Math.trunc(count)} from export`);

export const rewindExport = (sql: Sql) => sql.unsafe('move absolute 0 in export');
