import { nullableTextArrayOrNone, textArray, textArrayOrNone, wholeArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import type { Judgement, NewFinal, Standing } from '../final-judgement.ts';
import { newPending } from './insert-pending-finals.ts';

export interface StoredAtOnce {
  judgement: Judgement;
  /** Sorted, without repeats; their matches had not ended, and their seasons were open, when they were judged. */
  matches: readonly string[];
  seasons: readonly string[];
  /** How many finals each changed standing had when it was judged, in their order. */
  before: readonly number[];
}

/** Stores finals that were judged without a lock, in one statement and one round trip, if what they were judged by still holds (`finals.rate`).
 *  It is a transaction by itself, and nothing of it is done unless all of it is:
 *    - a match that has ended, or a season that is not open any more, leaves nothing to insert: not `whole`;
 *    - a final that is stored already breaks the key of final_scores;
 *    - a standing that another final changed has another count: division by zero, on purpose, takes everything back.
 *  Locks are taken as in write-finals.ts, which may run beside it: matches by id, then their seasons, then the players whose standings are
 *  new (an update that is never done locks those who are there), then rows in key order.
 *  @returns what the finals are known by until they are live ('' where none is new), undefined when it did not hold.
 *  @throws a data error (SQLSTATE 22, 23) when it did not hold, or one of the finals is no good */
export async function storeFinals(sql: Sql, of: StoredAtOnce): Promise<string | undefined> {
  const { newFinals, standings, ended } = of.judgement;
  const pending = newFinals.length === 0 ? '' : newPending();
  const changed = standings.map((standing, i) => ({ standing, before: of.before[i] ?? 0 })).sort(byOwner);
  const newcomers = changed.filter(({ before }) => before === 0).map(({ standing }) => standing.player);
  const [row] = await sql<{ whole: boolean }[]>`
    with played as materialized (
      select m.id from matches m
      where m.id = any (${textArray(of.matches)}::text[]) and m.ended_at is null
      order by m.id for update),
    opened as materialized (
      select s.id from seasons s
      where s.id = any (${textArray(of.seasons)}::text[]) and s.state = 'open' and (select count(*) from played) > 0
      order by s.id for share),
    holds as materialized (
      select (select count(*) from played) = ${of.matches.length} and (select count(*) from opened) = ${of.seasons.length} as whole),
    met as (
      insert into players (id)
      select sent.id from unnest(${textArray([...new Set(newcomers)].sort())}::text[]) as sent (id), holds where holds.whole
      on conflict (id) do update set hidden = players.hidden where false
      returning id),
    ${insertFinals(sql, newFinals)},
    waiting as (
      insert into pending_finals (id, at, seasons, matches, players)
      select ${pending}::text, ${Math.max(0, ...newFinals.map((final) => final.at))}::bigint, named.seasons, named.matches, named.players
      from named, holds where holds.whole and ${newFinals.length > 0}::boolean),
    ended as (
      update matches set ended_at = sent.at
      from unnest(${textArray(ended.map((end) => end.match))}::text[],
        ${wholeArray(ended.map((end) => end.at))}::bigint[]) as sent (id, at), holds
      where matches.id = sent.id and holds.whole),
    ${changedStandings(sql, changed)}
    select holds.whole, 1 / (not holds.whole or (select count(*) from counted) = ${changed.length})::integer as proof
    from holds`;
  return row?.whole ? pending : undefined;
}

interface Changed {
  standing: Standing;
  before: number;
}

/** The primary key's order. */
const byOwner = ({ standing: a }: Changed, { standing: b }: Changed): number =>
  a.season === b.season ? (a.player < b.player ? -1 : 1) : a.season < b.season ? -1 : 1;

/** `named`: the keys of the finals, sent once for both tables that hold them. */
const insertFinals = (sql: Sql, newFinals: readonly NewFinal[]) => sql`
  named as materialized (
    select ${textArray(newFinals.map((final) => final.season))}::text[] as seasons,
      ${textArray(newFinals.map((final) => final.match))}::text[] as matches,
      ${textArray(newFinals.map((final) => final.player))}::text[] as players),
  stored as (
    insert into final_scores (season, match, player, score, accepted_at, columns_key, metadata)
    select season, match, player, score, accepted_at, coalesce(columns_key, ''), metadata
    from holds, named cross join lateral unnest(named.seasons, named.matches, named.players,
      ${wholeArray(newFinals.map((final) => final.score))}::bigint[],
      ${wholeArray(newFinals.map((final) => final.at))}::bigint[],
      ${textArrayOrNone(newFinals.map((final) => final.columnsKey ?? ''))}::text[],
      ${nullableTextArrayOrNone(newFinals.map((final) => final.metadata ?? null))}::text[]
    ) as sent (season, match, player, score, accepted_at, columns_key, metadata) where holds.whole)`;

/** `changed`: the standings as they must be. `held`: as they became, where the count grows by what was added to it. `counted`: those that
 *  agree. */
const changedStandings = (sql: Sql, changed: readonly Changed[]) => {
  const standings = changed.map(({ standing }) => standing);
  return sql`
    changed as materialized (
      select sent.* from unnest(
        ${textArray(standings.map((standing) => standing.season))}::text[],
        ${textArray(standings.map((standing) => standing.player))}::text[],
        ${wholeArray(standings.map((standing) => standing.confirmed.score))}::bigint[],
        ${wholeArray(standings.map((standing) => standing.confirmed.achievedAt))}::bigint[],
        ${wholeArray(standings.map((standing) => standing.finals))}::integer[],
        ${wholeArray(changed.map(({ standing, before }) => standing.finals - before))}::integer[],
        ${textArray(standings.map((standing) => standing.matchKey))}::text[],
        ${textArrayOrNone(standings.map((standing) => standing.confirmed.columnsKey ?? ''))}::text[],
        ${nullableTextArrayOrNone(standings.map((standing) => standing.confirmed.metadata ?? null))}::text[],
        ${nullableTextArrayOrNone(standings.map((standing) => standing.bucket ?? null))}::text[]
      ) as sent (season, player, score, achieved_at, finals, added, match_key, columns_key, metadata, bucket),
        holds where holds.whole and (select count(*) from met) is not null),
    held as (
      insert into standings as t (season, player, score, achieved_at, finals, match_key, columns_key, metadata, bucket)
      select season, player, score, achieved_at, added, match_key, coalesce(columns_key, ''), metadata, bucket from changed
      on conflict (season, player) do update set score = excluded.score, achieved_at = excluded.achieved_at,
        finals = t.finals + excluded.finals, match_key = excluded.match_key, columns_key = excluded.columns_key,
        metadata = excluded.metadata
      returning t.season, t.player, t.finals),
    counted as (
      select from held join changed on changed.season = held.season and changed.player = held.player
        and changed.finals = held.finals)`;
};
