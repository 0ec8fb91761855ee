import type { HiddenEntry, PlayerPlace } from '../../board/placed-entry.ts';
import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import {
  countsIn,
  entriesOf,
  entryColumns,
  entryOf,
  type MaybeEntry,
  numberedEntries,
  type RankedTable,
} from '../ranked-table.ts';
import { rankOver } from '../total-order.ts';

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
  const { table, season, players } = of;
  const tells = of.board.buckets !== undefined;
  const rows = await sql<Row[]>`
    with numbered as materialized (${numberedEntries(sql, of)}),
    asked as (
      select entry.*, ${tells ? placedBucket(sql) : sql`null`} as "itsBucket" from ${sql(table)} as entry
      where season = ${season} and player = any (${textArray(players)}::text[]) and ${countsIn(sql, table)}),
    there as (${tells ? bucketRanks(sql, of) : sql`select null as player, null::bigint as rank`})
    select counted.total, numbered.place, numbered.rank, numbered.better - 1 as better, ${entryColumns(sql, 'asked')},
      asked."itsBucket" as bucket, there.rank as "bucketRank"
    from (select count(*) as total from numbered) counted
      left join asked on true left join numbered on numbered.player = asked.player left join there on there.player = asked.player`;
  const entries = rows.flatMap(({ place, rank, better, bucket: its, bucketRank: there, ...row }) =>
    entryOf(row).map((shown): PlayerPlace | HiddenEntry => {
      const entry = its === null ? shown : { ...shown, bucket: its };
      if (place === null) return { ...entry, hidden: true };
      return { ...entry, place, rank, better, ...(there === null ? {} : { bucketRank: there }) };
    }),
  );
  return { total: rows[0]?.total ?? 0, entries };
}

/** Of a row named `entry`. A settlement fixed no buckets: the snapshot of its season knows them. */
const placedBucket = (sql: Sql) =>
  sql`(select bucket from snapshot_entries s where s.season = entry.season and s.player = entry.player)`;

/** The ranks in all buckets of those asked for, in one pass. */
const bucketRanks = (sql: Sql, of: RankedTable) => sql`
  select player, ${rankOver(sql, of.board, sql`partition by bucket`)} as rank
  from (${entriesOf(sql, { ...of, bucket: undefined })}) as entries
    join (select player as who, bucket from snapshot_entries where season = ${of.season}) as placed on who = player
  where bucket in (select "itsBucket" from asked)`;
