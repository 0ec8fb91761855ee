import type { HiddenEntry, PlayerPlace } from '../../board/placed-entry.ts';
import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import {
  countsIn,
  entryColumns,
  entryOf,
  type MaybeEntry,
  numberedEntries,
  type RankedTable,
} from '../ranked-table.ts';
import { rankOver } from '../total-order.ts';
import { visible } from '../visible.ts';

interface Row extends MaybeEntry {
  total: number;
  /** null for the hidden. */
  place: number | null;
  rank: number;
  better: number;
  bucket: string | null;
  bucketRank: number | null;
}

/** Of those players that have an entry, in no order. */
export async function playerRanks(
  sql: Sql,
  of: RankedTable & { players: readonly string[] },
): Promise<{ total: number; entries: (PlayerPlace | HiddenEntry)[] }> {
  const tells = of.board.buckets !== undefined && of.table === 'snapshot_entries';
  const bucket = tells ? sql`asked.bucket` : sql`null`;
  // A bucket is small: its ranks are counted for each player asked for.
  const bucketRank = tells
    ? sql`(select numbered_there.rank from (${bucketNumbers(sql, of)}) as numbered_there where numbered_there.player = asked.player)`
    : sql`null::bigint`;
  const rows = await sql<Row[]>`
    with numbered as materialized (${numberedEntries(sql, of)}),
    asked as (
      select entry.* from ${sql(of.table)} as entry
      where season = ${of.season} and player = any (${textArray(of.players)}::text[]) and ${countsIn(sql, of.table)})
    select counted.total, numbered.place, numbered.rank, numbered.better - 1 as better, ${entryColumns(sql, 'asked')},
      ${bucket} as bucket, ${bucketRank} as "bucketRank"
    from (select count(*) as total from numbered) counted
      left join asked on true left join numbered on numbered.player = asked.player`;
  const entries = rows.flatMap(({ place, rank, better, bucket: its, bucketRank: there, ...row }) =>
    entryOf(row).map((shown): PlayerPlace | HiddenEntry => {
      const entry = its === null ? shown : { ...shown, bucket: its };
      if (place === null) return { ...entry, hidden: true };
      return { ...entry, place, rank, better, ...(there === null ? {} : { bucketRank: there }) };
    }),
  );
  return { total: rows[0]?.total ?? 0, entries };
}

/** Of the bucket that `asked` names. */
const bucketNumbers = (sql: Sql, { season, board }: RankedTable) => sql`
  select player, ${rankOver(sql, board)} as rank from snapshot_entries
  where season = ${season} and bucket = asked.bucket and ${visible(sql, board.id, 'snapshot_entries')}`;
