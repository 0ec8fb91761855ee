import type { Board } from '@photofinish/shared/domain/board';
import { COLUMN_WIDTH, columnsKeyOf, columnsOf } from '@photofinish/shared/domain/columns';
import { DIGITS } from '@photofinish/shared/domain/digits';
import { rankedScore } from '@photofinish/shared/domain/order';
import type { PastEntry, PastKey, PastStandings } from '../../season/past-standings.ts';
import type { Sql } from '../connection.ts';
import { rankOver, totalOrder } from '../total-order.ts';
import { visible } from '../visible.ts';

interface Row {
  total: number;
  rank: number | null;
  player: string;
  name: string | null;
  score: number;
  columns_key: string;
  achieved_at: number;
  metadata: string | null;
}

/** What the finals accepted up to a moment come to, by the rules of `confirm` in shared/domain/entry.ts. It reads all finals of the season: about
 *  two seconds per million. Two finals of one player in the same millisecond count in the order of their matches' ids. */
export async function standingsAt(
  sql: Sql,
  of: { season: string; board: Board; at: number; limit: number; after?: PastKey | undefined },
): Promise<PastStandings> {
  const { season, board, at, limit, after } = of;
  const rows = await sql<Row[]>`
    with finals as (
      select f.player, f.match, f.score, f.columns_key, f.accepted_at, f.metadata from final_scores f
      where f.season = ${season} and f.accepted_at <= ${at} and ${visible(sql, board.id, 'f')}),
    standing as (${standing(sql, board)}),
    newest as (
      select distinct on (player) player, metadata from finals where metadata is not null
      order by player, accepted_at desc, match desc),
    ranked as (
      select ${rankOver(sql, board)} as rank, player, score, columns_key, achieved_at, metadata from standing),
    page as (
      select * from ranked where ${after ? later(sql, board, after) : sql`true`}
      order by ${totalOrder(sql, board.sortOrder)} limit ${limit})
    select counted.total, page.rank, page.player, names.name, page.score, page.columns_key::text as columns_key, page.achieved_at,
      ${keepsLatest(board) ? sql`newest.metadata` : sql`page.metadata`} as metadata
    from (select count(*) as total from standing) counted
    left join page on true
    left join newest on newest.player = page.player
    left join players names on names.id = page.player
    order by ${board.sortOrder === 'desc' ? sql`page.score desc` : sql`page.score`}, page.columns_key, page.achieved_at, page.player`;
  const entries = rows.flatMap((row) => (row.rank === null ? [] : [entryOf(board, row, row.rank)]));
  const last = entries.length === limit ? rows.at(-1) : undefined;
  return {
    total: rows[0]?.total ?? 0,
    entries,
    last: last && {
      ...{
        score: last.score,
        columnsKey: last.columns_key,
        achievedAt: last.achieved_at,
        player: last.player,
      },
    },
  };
}

const keepsLatest = ({ operator, entryMetadata }: Board): boolean =>
  operator !== 'best' || entryMetadata?.keep === 'latest';

/** One row per player: score, columns_key, achieved_at, metadata. */
function standing(sql: Sql, board: Board) {
  const { operator, sortOrder, columns } = board;
  if (operator === 'best')
    return sql`
      select distinct on (player) player, score, columns_key, accepted_at as achieved_at, metadata from finals
      order by player, ${sortOrder === 'desc' ? sql`score desc` : sql`score`}, columns_key, accepted_at, match`;
  // The time at which the present unit was reached: that of the last final which changed it.
  if (operator === 'latest')
    return sql`
      select distinct on (player) player, score, columns_key, metadata,
        max(case when changed then accepted_at end) over (partition by player) as achieved_at
      from (
        select *, (score, columns_key) is distinct from
          (lag(score) over run, lag(columns_key) over run) as changed
        from finals window run as (partition by player order by accepted_at, match)) as told
      order by player, accepted_at desc, match desc`;
  const zero = columnsKeyOf(columns, Object.fromEntries(columns.map(({ id }) => [id, 0])));
  return sql`
    select player, sum(score)::bigint as score, ${columnSums(sql, columns.length)} as columns_key,
      max(accepted_at) filter (where n = 1 or score <> 0 or columns_key <> ${zero}) as achieved_at,
      null::text as metadata
    from (select *, row_number() over (partition by player order by accepted_at, match) as n from finals) as told
    group by player`;
}

/** Sums cannot be compared as keys: they stand as an array of numbers, smaller is better, which sorts in the same order. */
const columnSums = (sql: Sql, count: number) =>
  count === 0
    ? sql`''::text`
    : sql.unsafe(
        `array[${Array.from({ length: count }, (_, i) => `sum(${decoded(i)})::bigint`).join(', ')}]`,
      );

/** The number in a column of `columns_key`; the inverse of shared/domain/columns.ts, which says what the digits are. */
function decoded(column: number): string {
  const digit = (i: number): string =>
    `(strpos('${DIGITS}', substr(columns_key, ${column * COLUMN_WIDTH + i + 1}, 1)) - 1)::bigint`;
  const whole = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, i) => `${digit(from + i)} * ${64 ** (to - from - 1 - i)}`).join(
      ' + ',
    );
  return `((${whole(0, 5)}) - ${2 ** 29}) * ${2 ** 24} + (${whole(5, COLUMN_WIDTH)})`;
}

/** Below this key in the total order. */
function later(
  sql: Sql,
  { operator, sortOrder, columns }: Board,
  { score, columnsKey, achievedAt, player }: PastKey,
) {
  const key =
    operator === 'sum' && columns.length > 0
      ? sql`${columnsKey}::bigint[]`
      : sql`${columnsKey}::text collate "C"`;
  const rest = sql`(columns_key, achieved_at, player) > (${key}, ${achievedAt}::bigint, ${player}::text collate "C")`;
  return sortOrder === 'desc'
    ? sql`(score < ${score} or (score = ${score} and ${rest}))`
    : sql`(score > ${score} or (score = ${score} and ${rest}))`;
}

function entryOf({ operator, columns }: Board, row: Row, rank: number): PastEntry {
  const sums =
    operator === 'sum' && columns.length > 0
      ? row.columns_key.slice(1, -1).split(',').map(Number)
      : undefined;
  const values = sums
    ? Object.fromEntries(columns.map(({ id, sortOrder }, i) => [id, rankedScore(sortOrder, sums[i] ?? 0)]))
    : columnsOf(columns, row.columns_key);
  return {
    ...{ rank, player: row.player },
    ...(row.name === null ? {} : { name: row.name }),
    score: row.score,
    ...(columns.length === 0 ? {} : { columns: values }),
    achievedAt: row.achieved_at,
    ...(row.metadata === null ? {} : { metadata: JSON.parse(row.metadata) as Record<string, unknown> }),
  };
}
