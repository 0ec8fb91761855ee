import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import type { MatchInSeason, Standing } from '../final-judgement.ts';
import { markOf } from '../stored-mark.ts';

/** What a final is judged by. `m`, `s` and `b` are its match, season and board. */
const matchColumns = (sql: Sql) => sql`
  m.id, m.season, m.started_at as "startedAt", m.ended_at as "endedAt", m.abandoned_at is not null as abandoned, s.state, s.closing_at as "closingAt",
    (b.rules -> 'finals' -> 'tolerance') is not null as compares, m.limits, m.rostered, b.operator, b.sort_order as "sortOrder",
    b.rules -> 'entryMetadata' as "entryMetadata", (b.rules -> 'finals' ->> 'graceSeconds')::integer as "graceSeconds"`;

/** Locked, matches by id and their seasons shared; in a transaction. @param ids sorted */
export const lockMatches = (sql: Sql, ids: readonly string[]) => sql<MatchInSeason[]>`
  select ${matchColumns(sql)}
  from matches m join seasons s on s.id = m.season join boards b on b.id = s.board
  where m.id = any (${textArray(ids)}::text[])
  order by m.id
  for update of m for share of s`;

/** As they are now, and may not be in a moment. */
export const findMatches = (sql: Sql, ids: readonly string[]) => sql<MatchInSeason[]>`
  select ${matchColumns(sql)}
  from matches m join seasons s on s.id = m.season join boards b on b.id = s.board
  where m.id = any (${textArray(ids)}::text[])`;

export interface Owner {
  season: string;
  player: string;
}

interface StandingRow {
  season: string;
  player: string;
  score: number;
  achieved_at: number;
  finals: number;
  match_key: string;
  columns_key: string;
  metadata: string | null;
  bucket: string | null;
}

/** `limit 1` in a lateral look-up is no decoration: it leaves the planner nothing but one key look-up each. With statistics that do not
 *  know a young season yet, plain joins read the whole season for every final. The names are selected so that it does not see how many
 *  there are: it would make a plan of its own for each number of them, at twice the cost of the look-up (`finals.rate`).
 *  @param owners in key order, which is the order in which they are locked
 *  @param locked in a transaction
 *  @returns the query itself, which is sent when it is awaited, and so in its turn; `standingOf` reads its rows */
export const findStandings = (sql: Sql, owners: readonly Owner[], { locked }: { locked: boolean }) => sql<
  StandingRow[]
>`
  select named.season, named.player, held.score, held.achieved_at, held.finals, held.match_key,
    held.columns_key, held.metadata, held.bucket
  from unnest(
    (select ${textArray(owners.map((owner) => owner.season))}::text[]),
    (select ${textArray(owners.map((owner) => owner.player))}::text[])) as named (season, player)
  cross join lateral (
    select s.score, s.achieved_at, s.finals, s.match_key, s.columns_key, s.metadata, s.bucket from standings s
    where s.season = named.season and s.player = named.player
    limit 1 ${locked ? sql`for update` : sql``}) as held`;

export const standingOf = (row: StandingRow): Standing => ({
  season: row.season,
  player: row.player,
  confirmed: markOf({
    ...{ score: row.score, achievedAt: row.achieved_at },
    ...{ columnsKey: row.columns_key, metadata: row.metadata },
  }),
  finals: row.finals,
  matchKey: row.match_key,
  bucket: row.bucket ?? undefined,
});
