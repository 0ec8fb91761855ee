import type { Board } from '@photofinish/shared/domain/board';
import { prizesFor } from '@photofinish/shared/domain/prize';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Award } from '../../settle/settlement-store.ts';
import type { Sql } from '../connection.ts';
import { totalOrder } from '../total-order.ts';
import { visible } from '../visible.ts';

/** What a settlement says about a season's standings. */
export interface RankedStandings {
  standings: number;
  sha256: string;
  awards: Award[];
  amountMinor: number;
}

/** Every visible player's place under the total order. */
export const rankedStandings = (sql: Sql, season: { id: string; board: Board }) => sql`
  select row_number() over (order by ${totalOrder(sql, season.board.sortOrder)})::integer as rank,
    player, score, achieved_at, columns_key, metadata
  from standings
  where season = ${season.id} and ${visible(sql, season.board.id, 'standings')}`;

const settledStandings = (sql: Sql, season: { id: string }) => sql`
  select rank, player, score, achieved_at, columns_key, metadata from settled_standings where season = ${season.id}`;

/** An aggregate over ranked rows: one line each, in rank order. */
export const sha256Of = (sql: Sql) => sql`
  encode(sha256(convert_to(coalesce(string_agg(
    concat_ws(chr(9), rank, player, score, achieved_at, nullif(columns_key, '')) || chr(10), '' order by rank), ''), 'UTF8')), 'hex')`;

/** The hash of the whole table, and the awards of its paid places. One statement, so that both are of the same rows.
 *
 *  The hashed text is built as one value, which Postgres limits to 1 GB: some ten million rows with ids of 64 characters. More
 *  than that fails with an error, and nothing is settled.
 *  @param of `standings` as they are now, or `settled` as they were written, in a transaction: the planner's choices are narrowed until its end
 *  @throws Fault SCORE_OVERFLOW when the awards together are past 2^53 - 1 minor units */
export async function rankStandings(
  sql: Sql,
  season: { id: string; board: Board },
  of: 'standings' | 'settled',
): Promise<RankedStandings> {
  const { bands, ties } = season.board.prizes;
  const lastPaid = Math.max(0, ...bands.map((band) => band.to));
  const source =
    of === 'settled'
      ? sql`not materialized (${settledStandings(sql, season)})`
      : sql`materialized (${rankedStandings(sql, season)})`;
  // In rank order by the key, which the planner does not see to be best: of rows that were just written it has no statistics (`settle`).
  if (of === 'settled') await sql.unsafe('set local enable_bitmapscan = off; set local enable_seqscan = off');
  const rows = await sql<Row[]>`
    with ranked as ${source},
    whole as (
      select count(*) as standings, ${sha256Of(sql)} as sha256
      from ranked),
    last as materialized (select score, columns_key from ranked where rank = ${lastPaid}),
    paid as (
      select rank, player, score, columns_key from ranked where rank <= ${lastPaid}
      union all
      -- Whoever is level with the last one who is paid, looked for only where the next one is.
      select rank, player, score, columns_key from ranked
      where ${ties !== 'first'}::boolean and rank > ${lastPaid} and (score, columns_key) = (select score, columns_key from last)
        and (select (score, columns_key) = (select score, columns_key from last) from ranked where rank = ${lastPaid + 1}))
    select whole.standings, whole.sha256, paid.rank, paid.player, paid.score, paid.columns_key as "columnsKey"
    from whole left join paid on true
    order by paid.rank`;
  const [head] = rows;
  if (!head) throw new Error('an aggregate gave no row');
  const paid = rows.flatMap(({ rank, player, score, columnsKey }) =>
    rank === null || player === null || score === null
      ? []
      : [{ rank, player, score, columnsKey: columnsKey ?? '' }],
  );
  const scoreOf = new Map(paid.map((standing) => [standing.player, standing.score]));
  const awards = prizesFor(bands, ties, paid).map(({ player, rank, amountMinor }) => {
    const score = scoreOf.get(player);
    if (score === undefined) throw new Error('a prize for a player who does not stand there');
    return { player, rank, score, amountMinor };
  });
  return { standings: head.standings, sha256: head.sha256, awards, amountMinor: sumOf(season.id, awards) };
}

interface Row {
  standings: number;
  sha256: string;
  rank: number | null;
  player: string | null;
  score: number | null;
  columnsKey: string | null;
}

function sumOf(season: string, awards: readonly Award[]): number {
  const sum = awards.reduce((total, award) => total + BigInt(award.amountMinor), 0n);
  if (sum <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(sum);
  throw new Fault(
    'SCORE_OVERFLOW',
    `season: the awards of ${season} add up to ${sum} minor units, past 2^53 - 1; nothing was settled`,
    {
      field: 'season',
      limit: 'at most 2^53 - 1 minor units in all',
      fix: 'lower the prize bands of the board',
    },
  );
}
