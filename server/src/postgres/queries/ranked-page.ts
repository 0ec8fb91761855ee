import { number } from '@photofinish/shared/domain/rank';
import type { Page, PageOf } from '../../board/placed-entry.ts';
import type { Sql } from '../connection.ts';
import { entriesOf, keyOf, type MaybeKey, type RankedTable } from '../ranked-table.ts';
import { orderRow, orderRowOf, rankedScoreSql, totalOrder } from '../total-order.ts';

interface Row extends MaybeKey {
  total: number;
  count: number;
  above: number;
  place: number;
  rank: number;
}

/** One statement, so that its numbers and its rows are of one moment. There is no index to lean on (the snapshot has none on score, see
 *  schema.ts): it reads the season twice, once keeping no more than the page and once counting, and sorts nothing but the page; with
 *  dense ranks of a later page it also tells the scores above apart. */
export async function rankedPage(sql: Sql, of: RankedTable & PageOf): Promise<Page> {
  const { sortOrder, ranking, from } = of;
  const order = totalOrder(sql, sortOrder);
  const row = orderRow(sql, sortOrder);
  const inRange = sql`score between ${of.scoreMin ?? Number.MIN_SAFE_INTEGER}::bigint
    and ${of.scoreMax ?? Number.MAX_SAFE_INTEGER}::bigint`;
  const beyond = beyondKey(sql, of);
  // The entries nearest to the key, whichever side of it they stand on.
  const nearest =
    from?.side === 'before'
      ? sql`${rankedScoreSql(sql, sortOrder)} desc, achieved_at desc, player desc`
      : order;
  const groups = ranking === 'dense' ? sql`count(distinct entries.score) filter (where better)` : sql`0`;
  const rows = await sql<Row[]>`
    with entries as (${entriesOf(sql, of)}),
    page as materialized (
      select player, score, achieved_at from entries where ${inRange} and ${beyond} order by ${nearest} limit ${of.limit}),
    first as (
      select score as first_score, ${row} as first_row from page order by ${order} limit 1),
    counted as (
      select count(*) as total, count(*) filter (where in_range) as count,
        count(*) filter (where in_range and above) as above, count(*) filter (where above) + 1 as place,
        count(*) filter (where better) + 1 as better, ${groups} + 1 as groups
      from (
        select score, ${inRange} as in_range, coalesce(${row} < first_row, false) as above,
          coalesce(${sortOrder === 'desc' ? sql`score > first_score` : sql`score < first_score`}, false) as better
        from entries left join first on true) as entries)
    select counted.total, counted.count, counted.above, counted.place,
      ${ranking === 'ordinal' ? sql`counted.place` : ranking === 'dense' ? sql`counted.groups` : sql`counted.better`} as rank,
      page.player, page.score, page.achieved_at as "achievedAt"
    from counted left join page on true
    order by ${order}`;
  const [head] = rows;
  if (!head) throw new Error('an aggregate gave no row');
  const { total, count, above, place, rank } = head;
  return { total, count, above, entries: number(rows.flatMap(keyOf), ranking, { place, rank }) };
}

function beyondKey(sql: Sql, { sortOrder, from }: RankedTable & PageOf) {
  if (!from) return sql`true`;
  const [row, key] = [orderRow(sql, sortOrder), orderRowOf(sql, sortOrder, from.key)];
  return from.side === 'after' ? sql`${row} > ${key}` : sql`${row} < ${key}`;
}
