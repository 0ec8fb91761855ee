import { number } from '@photofinish/shared/domain/rank';
import type { Page, PageOf } from '../../board/placed-entry.ts';
import type { Sql } from '../connection.ts';
import { entriesOf, entryColumns, entryOf, type MaybeEntry, type RankedTable } from '../ranked-table.ts';
import { orderRow, orderRowOf, reversedOrder, totalOrder, unitRow } from '../total-order.ts';

interface Row extends MaybeEntry {
  total: number;
  count: number;
  above: number;
  place: number;
  rank: number;
}

/** One statement, so that its numbers and its rows are of one moment. There is no index to lean on (the snapshot has none on score, see
 *  schema.ts): it reads the season twice, once keeping no more than the page and once counting, and sorts nothing but the page; dense
 *  ranks of a later page also tell the results above it apart. */
export async function rankedPage(sql: Sql, of: RankedTable & PageOf): Promise<Page> {
  const { sortOrder, ranking } = of.board;
  const order = totalOrder(sql, sortOrder);
  const row = orderRow(sql, sortOrder);
  const unit = unitRow(sql, sortOrder);
  const inRange = sql`score between ${of.scoreMin ?? Number.MIN_SAFE_INTEGER}::bigint
    and ${of.scoreMax ?? Number.MAX_SAFE_INTEGER}::bigint`;
  const nearestFirst = of.from?.side === 'before' ? reversedOrder(sql, sortOrder) : order;
  const rank = {
    ordinal: sql`count(*) filter (where above) + 1`,
    competition: sql`count(*) filter (where better) + 1`,
    dense: sql`count(distinct unit) filter (where better) + 1`,
  }[ranking];
  const rows = await sql<Row[]>`
    with entries as (${entriesOf(sql, of)}),
    page as materialized (
      select * from entries where ${inRange} and ${beyondKey(sql, of)} order by ${nearestFirst} limit ${of.limit}),
    first as (select ${row} as first_row, ${unit} as first_unit from page order by ${order} limit 1),
    counted as (
      select count(*) as total, count(*) filter (where in_range) as count,
        count(*) filter (where in_range and above) as above, count(*) filter (where above) + 1 as place, ${rank} as rank
      from (
        select ${inRange} as in_range, ${unit} as unit, coalesce(${row} < first_row, false) as above,
          coalesce(${unit} < first_unit, false) as better
        from entries left join first on true) as compared)
    select counted.*, ${entryColumns(sql, 'page')}
    from counted left join page on true
    order by ${order}`;
  const [head] = rows;
  if (!head) throw new Error('an aggregate gave no row');
  const { total, count, above, place } = head;
  return { total, count, above, entries: number(rows.flatMap(entryOf), ranking, { place, rank: head.rank }) };
}

function beyondKey(sql: Sql, { board, from }: RankedTable & PageOf) {
  if (!from) return sql`true`;
  const [row, key] = [orderRow(sql, board.sortOrder), orderRowOf(sql, board.sortOrder, from.key)];
  return from.side === 'after' ? sql`${row} > ${key}` : sql`${row} < ${key}`;
}
