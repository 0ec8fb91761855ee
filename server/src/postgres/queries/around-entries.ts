import { number } from '@photofinish/shared/domain/rank';
import type { Around, PlacedEntry } from '../../board/placed-entry.ts';
import type { Sql } from '../connection.ts';
import {
  entryColumns,
  entryOf,
  type MaybeEntry,
  numberedEntries,
  type RankedTable,
} from '../ranked-table.ts';

interface Row extends MaybeEntry {
  total: number;
  place: number;
  rank: number;
}

/** No entries when the player stands nowhere. */
export async function aroundEntries(
  sql: Sql,
  of: RankedTable & Around,
): Promise<{ total: number; entries: PlacedEntry[] }> {
  const rows = await sql<Row[]>`
    with numbered as materialized (${numberedEntries(sql, of)}),
    own as (select place from numbered where player = ${of.player}),
    near as (
      select numbered.* from own join numbered on numbered.place between own.place - ${of.above} and own.place + ${of.below})
    select counted.total, near.place, near.rank, ${entryColumns(sql, 'near')}
    from (select count(*) as total from numbered) counted left join near on true
    order by near.place`;
  const [head] = rows;
  if (!head) throw new Error('an aggregate gave no row');
  return { total: head.total, entries: number(rows.flatMap(entryOf), of.board.ranking, head) };
}
