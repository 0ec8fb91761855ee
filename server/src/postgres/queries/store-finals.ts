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
 *    - a standing that another final changed has another count: division by zero, on purpose, takes everything back. Standings are returned
 *      in the order in which they are sent; were they not, that would only take finals the long way.
 *  Parts that most transactions need none of are left out, and look-ups are lateral with a limit: whatever the planner believes of a young
 *  table, they are one key look-up each. What is sent is unnested in the select list, as in snapshot-arrays.ts.
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
      select locked.id from unnest(${textArray(of.matches)}::text[]) as sent (id)
      cross join lateral (
        select m.id from matches m where m.id = sent.id and m.ended_at is null limit 1 for update) as locked),
    opened as materialized (
      select locked.id from unnest(${textArray(of.seasons)}::text[]) as sent (id)
      cross join lateral (
        select s.id from seasons s where s.id = sent.id and s.state = 'open' limit 1 for share) as locked
      where (select count(*) from played) > 0),
    holds as materialized (
      select (select count(*) from played) = ${of.matches.length} and (select count(*) from opened) = ${of.seasons.length} as whole),
    ${newcomers.length === 0 ? sql`` : meetPlayers(sql, newcomers)}
    ${ended.length === 0 ? sql`` : endMatches(sql, ended)}
    ${newFinals.length === 0 ? sql`` : insertFinals(sql, newFinals, pending)}
    held as (${changeStandings(sql, changed, newcomers.length > 0)})
    select whole, 1 / (not whole or
      (select coalesce(array_agg(finals), '{}') from held) = ${wholeArray(changed.map(({ standing }) => standing.finals))}::integer[]
    )::integer as proof from holds`;
  return row?.whole ? pending : undefined;
}

interface Changed {
  standing: Standing;
  before: number;
}

/** The primary key's order. */
const byOwner = ({ standing: a }: Changed, { standing: b }: Changed): number =>
  a.season === b.season ? (a.player < b.player ? -1 : 1) : a.season < b.season ? -1 : 1;

const meetPlayers = (sql: Sql, newcomers: readonly string[]) => sql`
  met as (
    insert into players (id)
    select unnest(${textArray([...new Set(newcomers)].sort())}::text[]) where (select whole from holds)
    on conflict (id) do update set hidden = players.hidden where false
    returning id),`;

const endMatches = (sql: Sql, ended: Judgement['ended']) => sql`
  ended as (
    update matches set ended_at = sent.at
    from unnest(${textArray(ended.map((end) => end.match))}::text[],
      ${wholeArray(ended.map((end) => end.at))}::bigint[]) as sent (id, at), holds
    where matches.id = sent.id and holds.whole),`;

/** `named`: the keys of the finals, sent once for both tables that hold them. */
const insertFinals = (sql: Sql, newFinals: readonly NewFinal[], pending: string) => sql`
  named as materialized (
    select ${textArray(newFinals.map((final) => final.season))}::text[] as seasons,
      ${textArray(newFinals.map((final) => final.match))}::text[] as matches,
      ${textArray(newFinals.map((final) => final.player))}::text[] as players
    where (select whole from holds)),
  stored as (
    insert into final_scores (season, match, player, score, accepted_at, columns_key, metadata)
    select season, match, player, score, accepted_at, coalesce(columns_key, ''), metadata
    from (
      select unnest(seasons) as season, unnest(matches) as match, unnest(players) as player,
        unnest(${wholeArray(newFinals.map((final) => final.score))}::bigint[]) as score,
        unnest(${wholeArray(newFinals.map((final) => final.at))}::bigint[]) as accepted_at,
        unnest(${textArrayOrNone(newFinals.map((final) => final.columnsKey ?? ''))}::text[]) as columns_key,
        unnest(${nullableTextArrayOrNone(newFinals.map((final) => final.metadata ?? null))}::text[]) as metadata
      from named) as sent),
  waiting as (
    insert into pending_finals (id, at, seasons, matches, players)
    select ${pending}::text, ${Math.max(0, ...newFinals.map((final) => final.at))}::bigint, seasons, matches, players
    from named),`;

/** The standings as they must be. The count grows by what was added to it, so that it tells whether it was what it was taken for. */
const changeStandings = (sql: Sql, changed: readonly Changed[], isMeeting: boolean) => {
  const standings = changed.map(({ standing }) => standing);
  return sql`
    insert into standings as t (season, player, score, achieved_at, finals, match_key, columns_key, metadata, bucket)
    select season, player, score, achieved_at, added, match_key, coalesce(columns_key, ''), metadata, bucket
    from (
      select unnest(${textArray(standings.map((standing) => standing.season))}::text[]) as season,
        unnest(${textArray(standings.map((standing) => standing.player))}::text[]) as player,
        unnest(${wholeArray(standings.map((standing) => standing.confirmed.score))}::bigint[]) as score,
        unnest(${wholeArray(standings.map((standing) => standing.confirmed.achievedAt))}::bigint[]) as achieved_at,
        unnest(${wholeArray(changed.map(({ standing, before }) => standing.finals - before))}::integer[]) as added,
        unnest(${textArray(standings.map((standing) => standing.matchKey))}::text[]) as match_key,
        unnest(${textArrayOrNone(standings.map((standing) => standing.confirmed.columnsKey ?? ''))}::text[]) as columns_key,
        unnest(${nullableTextArrayOrNone(standings.map((standing) => standing.confirmed.metadata ?? null))}::text[]) as metadata,
        unnest(${nullableTextArrayOrNone(standings.map((standing) => standing.bucket ?? null))}::text[]) as bucket
      where (select whole from holds) ${isMeeting ? sql`and (select count(*) from met) is not null` : sql``}) as sent
    on conflict (season, player) do update set score = excluded.score, achieved_at = excluded.achieved_at,
      finals = t.finals + excluded.finals, match_key = excluded.match_key, columns_key = excluded.columns_key,
      metadata = excluded.metadata
    returning t.finals`;
};
