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

interface Row extends MaybeEntry {
  total: number;
  /** null for the hidden. */
  place: number | null;
  rank: number;
  better: number;
}

/** Of those players that have an entry, in no order. */
export async function playerRanks(
  sql: Sql,
  of: RankedTable & { players: readonly string[] },
): Promise<{ total: number; entries: (PlayerPlace | HiddenEntry)[] }> {
  const rows = await sql<Row[]>`
    with numbered as materialized (${numberedEntries(sql, of)}),
    asked as (
      select entry.* from ${sql(of.table)} as entry
      where season = ${of.season} and player = any (${textArray(of.players)}::text[]) and ${countsIn(sql, of.table)})
    select counted.total, numbered.place, numbered.rank, numbered.better - 1 as better, ${entryColumns(sql, 'asked')}
    from (select count(*) as total from numbered) counted
      left join asked on true left join numbered on numbered.player = asked.player`;
  const entries = rows.flatMap(({ place, rank, better, ...row }) =>
    entryOf(row).map((entry): PlayerPlace | HiddenEntry =>
      place === null ? { ...entry, hidden: true } : { ...entry, place, rank, better },
    ),
  );
  return { total: rows[0]?.total ?? 0, entries };
}
