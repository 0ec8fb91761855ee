import type { FinalGroup, FinalGroupResult } from '../../board/finals-store.ts';
import { matchKeyOf } from '../../board/match-key.ts';
import { keepsPlayers } from '../../board/match-limits.ts';
import { dueAfter } from '../../board/match-silence.ts';
import { nullableTextArray, textArray, wholeArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import { type Judgement, judgeFinals, type MatchInSeason } from '../final-judgement.ts';
import { findStandings, lockMatches, standingOf } from './find-held.ts';
import { insertPendingFinals } from './insert-pending-finals.ts';
import { insertPlayers } from './insert-players.ts';
import { joinMatches } from './join-matches.ts';
import { countPlayers, joinedPlayers } from './joined-players.ts';
import { noteLastTicks } from './note-last-ticks.ts';
import { postponeMatches } from './postpone-matches.ts';

/** Finals of several matches in one go, whatever they are and whatever becomes of them. Belongs in a transaction. Most go the shorter way of
 *  store-finals.ts.
 *
 *  Locks are taken in the same order by everyone: matches by id, their seasons (shared, so that a season cannot move under a final
 *  while finals of other matches go on), players by id. The players' rows stand for standings that do not exist yet: without
 *  them two first finals of one player, from two matches, would both find nothing and the second would overwrite the first. */
export async function writeFinals(sql: Sql, groups: readonly FinalGroup[]): Promise<FinalGroupResult[]> {
  const matches = await lockMatches(sql, sortedSet(groups.map((group) => group.match)));
  const named = finalsOfKnownMatches(groups, matches);
  const held = named.length === 0 ? { finals: [], standings: [] } : await heldOf(sql, named);
  const players = await playersOf(sql, named, matches);
  const judgement = judgeFinals(groups, { matches, players, ...held });
  await store(sql, judgement);
  await noteCompared(sql, judgement, matches);
  await notePlayed(sql, judgement, matches);
  const { newFinals, results } = judgement;
  return newFinals.length === 0 ? results : knownBy(results, await insertPendingFinals(sql, newFinals));
}

/** Those with something new in them: the others changed nothing that could wait for Redis. */
export const knownBy = (results: readonly FinalGroupResult[], pending: string): FinalGroupResult[] =>
  results.map((result) =>
    result.kind === 'stored' && result.finals.some((final) => !final.duplicate)
      ? { ...result, pending }
      : result,
  );

const sortedSet = (ids: readonly string[]): string[] => [...new Set(ids)].sort();

function finalsOfKnownMatches(
  groups: readonly FinalGroup[],
  matches: readonly MatchInSeason[],
): NamedFinal[] {
  const seasonOf = new Map(matches.map((match) => [match.id, match.season]));
  return groups.flatMap((group) => {
    const season = seasonOf.get(group.match);
    return season === undefined
      ? []
      : group.finals.map(({ player }) => ({ season, match: group.match, player }));
  });
}

interface NamedFinal {
  season: string;
  match: string;
  player: string;
}

/** Boards without a tolerance note nothing. */
async function noteCompared(
  sql: Sql,
  { newFinals }: Judgement,
  matches: readonly MatchInSeason[],
): Promise<void> {
  const keys = new Map(
    matches.filter(({ compares }) => compares).map((match) => [match.id, matchKeyOf(match)]),
  );
  const compared = newFinals.flatMap(({ season, match, player }) => {
    const matchKey = keys.get(match);
    return matchKey === undefined ? [] : [{ season, match, matchKey, player }];
  });
  if (compared.length > 0) await noteLastTicks(sql, compared);
}

/** A match that had a final is given up later. Matches without a timeout note nothing. */
async function notePlayed(
  sql: Sql,
  { newFinals }: Judgement,
  matches: readonly MatchInSeason[],
): Promise<void> {
  const limits = new Map(matches.map((match) => [match.id, match.limits]));
  const due = new Map<string, number>();
  for (const { match, at } of newFinals) {
    const dueAt = dueAfter(limits.get(match) ?? {}, at);
    if (dueAt !== null) due.set(match, dueAt);
  }
  const played = [...due].map(([match, dueAt]) => ({ match, dueAt }));
  if (played.length > 0) await postponeMatches(sql, played);
}

/** Matches without limits and without a roster ask nothing. */
async function playersOf(sql: Sql, named: readonly NamedFinal[], matches: readonly MatchInSeason[]) {
  const keeping = new Map(matches.filter(keepsPlayers).map((match) => [match.id, match]));
  const asked = named.filter((final) => keeping.has(final.match));
  if (asked.length === 0) return { joined: [], counted: [] };
  const [joined, counted] = await Promise.all([
    joinedPlayers(sql, asked),
    countPlayers(sql, [...keeping.values()]),
  ]);
  return { joined, counted };
}

/** All four go out at once; the server runs them one after the other, so the last two see what is committed once the locks are held. */
async function heldOf(sql: Sql, named: readonly NamedFinal[]) {
  const players = sortedSet(named.map((final) => final.player));
  const owners = distinct(named, (final) => `${final.season} ${final.player}`);
  const finals = distinct(named, (final) => `${final.match} ${final.player}`);
  const [, , stored, standings] = await Promise.all([
    insertPlayers(sql, players),
    sql`select id from players where id = any (${textArray(players)}::text[]) order by id for no key update`,
    sql<{ match: string; player: string; score: number; columnsKey: string }[]>`
      select named.match, named.player, stored.score, stored.columns_key as "columnsKey"
      from unnest(
        ${textArray(finals.map((final) => final.season))}::text[],
        ${textArray(finals.map((final) => final.match))}::text[],
        ${textArray(finals.map((final) => final.player))}::text[]) as named (season, match, player)
      cross join lateral (
        select f.score, f.columns_key from final_scores f
        where f.season = named.season and f.match = named.match and f.player = named.player
        limit 1) as stored`,
    findStandings(sql, owners, { locked: true }),
  ]);
  return { finals: stored, standings: standings.map(standingOf) };
}

/** In key order, which is the order in which rows are locked. */
function distinct(finals: readonly NamedFinal[], keyOf: (final: NamedFinal) => string): NamedFinal[] {
  const byKey = new Map(finals.map((final) => [keyOf(final), final]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, final]) => final);
}

const store = (sql: Sql, { newFinals, standings, ended, joining }: Judgement) =>
  Promise.all([
    joining.length > 0 ? joinMatches(sql, joining) : undefined,
    newFinals.length > 0
      ? sql`
        insert into final_scores (season, match, player, score, accepted_at, columns_key, metadata)
        select season, match, player, score, accepted_at, columns_key, metadata from unnest(
          ${textArray(newFinals.map((final) => final.season))}::text[],
          ${textArray(newFinals.map((final) => final.match))}::text[],
          ${textArray(newFinals.map((final) => final.player))}::text[],
          ${wholeArray(newFinals.map((final) => final.score))}::bigint[],
          ${wholeArray(newFinals.map((final) => final.at))}::bigint[],
          ${textArray(newFinals.map((final) => final.columnsKey ?? ''))}::text[],
          ${nullableTextArray(newFinals.map((final) => final.metadata ?? null))}::text[]
        ) as sent (season, match, player, score, accepted_at, columns_key, metadata)`
      : undefined,
    standings.length > 0
      ? sql`
        insert into standings (season, player, score, achieved_at, finals, match_key, columns_key, metadata, bucket)
        select season, player, score, achieved_at, finals, match_key, columns_key, metadata, bucket from unnest(
          ${textArray(standings.map((standing) => standing.season))}::text[],
          ${textArray(standings.map((standing) => standing.player))}::text[],
          ${wholeArray(standings.map((standing) => standing.confirmed.score))}::bigint[],
          ${wholeArray(standings.map((standing) => standing.confirmed.achievedAt))}::bigint[],
          ${wholeArray(standings.map((standing) => standing.finals))}::integer[],
          ${textArray(standings.map((standing) => standing.matchKey))}::text[],
          ${textArray(standings.map((standing) => standing.confirmed.columnsKey ?? ''))}::text[],
          ${nullableTextArray(standings.map((standing) => standing.confirmed.metadata ?? null))}::text[],
          ${nullableTextArray(standings.map((standing) => standing.bucket ?? null))}::text[]
        ) as sent (season, player, score, achieved_at, finals, match_key, columns_key, metadata, bucket)
        on conflict (season, player) do update set score = excluded.score, achieved_at = excluded.achieved_at,
          finals = excluded.finals, match_key = excluded.match_key, columns_key = excluded.columns_key,
          metadata = excluded.metadata`
      : undefined,
    ended.length > 0
      ? sql`
        update matches set ended_at = sent.at
        from unnest(${textArray(ended.map((end) => end.match))}::text[],
          ${wholeArray(ended.map((end) => end.at))}::bigint[]) as sent (id, at)
        where matches.id = sent.id`
      : undefined,
  ]);
