import { type SeasonState, takesTicks } from '@photofinish/shared/domain/season';
import { abandonedMessage, keepsPlayers, type LimitedMatch, whyNotPlay } from '../../board/match-limits.ts';
import type { MatchEntry, MatchVerdict } from '../../board/match-players-store.ts';
import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import { joinMatches } from './join-matches.ts';
import { countPlayers, joinedPlayers } from './joined-players.ts';

interface HeldMatch extends LimitedMatch {
  season: string;
  endedAt: number | null;
  abandonedAt: number | null;
  state: SeasonState;
}

/** Who may tick in matches with limits, and joins them by it. Belongs in a transaction: matches are locked by id, as finals lock them,
 *  so that the players of a match are counted by one at a time. */
export async function enterMatches(
  sql: Sql,
  entries: readonly MatchEntry[],
  at: number,
): Promise<MatchVerdict[]> {
  const ids = [...new Set(entries.map((entry) => entry.match))].sort();
  const matches = new Map(
    (
      await sql<HeldMatch[]>`
        select m.id, m.season, m.ended_at as "endedAt", m.abandoned_at as "abandonedAt", m.limits, m.rostered, s.state
        from matches m join seasons s on s.id = m.season
        where m.id = any (${textArray(ids)}::text[]) order by m.id for no key update of m`
    ).map((match) => [match.id, match]),
  );
  const named = entries.flatMap(({ match, player }) => {
    const season = matches.get(match)?.season;
    return season === undefined ? [] : [{ season, match, player }];
  });
  const limited = [...matches.values()].filter((match) => match.limits.playersMax !== undefined);
  const [joined, counted, finals] = await Promise.all([
    joinedPlayers(sql, named),
    countPlayers(sql, limited),
    finalsOf(sql, named),
  ]);
  const books = new EntryBooks({ joined, counted, finals });
  const verdicts = entries.map((entry) => books.judge(matches.get(entry.match), entry, at));
  if (books.joining.length > 0) await joinMatches(sql, books.joining);
  return verdicts;
}

const finalsOf = (sql: Sql, named: readonly { season: string; player: string }[]) => sql<
  { season: string; player: string; finals: number }[]
>`
  select named.season, named.player, held.finals
  from unnest(
    ${textArray(named.map((one) => one.season))}::text[],
    ${textArray(named.map((one) => one.player))}::text[]) as named (season, player)
  cross join lateral (
    select s.finals from standings s where s.season = named.season and s.player = named.player limit 1) as held`;

const keyOf = (a: string, b: string): string => `${a} ${b}`;

function whyOver({ id, abandonedAt, endedAt, season, state }: HeldMatch): MatchVerdict | undefined {
  if (abandonedAt !== null)
    return { kind: 'refused', code: 'MATCH_ABANDONED', message: abandonedMessage(id) };
  if (endedAt === null && takesTicks(state)) return undefined;
  const [code, why] =
    endedAt === null
      ? (['SEASON_CLOSED', `season ${season} is ${state}`] as const)
      : (['MATCH_ENDED', 'it has ended'] as const);
  return { kind: 'refused', code, message: `match: ${id} takes no more ticks: ${why}` };
}

/** What is known, and what the entries judged so far have added to it. */
class EntryBooks {
  readonly joining: { season: string; match: string; player: string; at: number }[] = [];
  readonly #joined: Set<string>;
  readonly #counts: Map<string, number>;
  readonly #finals: Map<string, number>;

  constructor(held: {
    joined: readonly { match: string; player: string }[];
    counted: readonly { match: string; players: number }[];
    finals: readonly { season: string; player: string; finals: number }[];
  }) {
    this.#joined = new Set(held.joined.map((one) => keyOf(one.match, one.player)));
    this.#counts = new Map(held.counted.map((one) => [one.match, one.players]));
    this.#finals = new Map(held.finals.map((one) => [keyOf(one.season, one.player), one.finals]));
  }

  judge(match: HeldMatch | undefined, { match: id, player }: MatchEntry, at: number): MatchVerdict {
    if (!match)
      return { kind: 'refused', code: 'MATCH_NOT_FOUND', message: `match: there is no match ${id}` };
    const over = whyOver(match);
    if (over) return over;
    if (!keepsPlayers(match)) return { kind: 'joined' };
    const key = keyOf(id, player);
    const players = this.#counts.get(id) ?? 0;
    const finals = this.#finals.get(keyOf(match.season, player)) ?? 0;
    const refusal = whyNotPlay(match, player, { joined: this.#joined.has(key), players, finals });
    if (refusal) return { kind: 'refused', ...refusal };
    if (!this.#joined.has(key)) {
      this.#joined.add(key);
      this.#counts.set(id, players + 1);
      this.joining.push({ season: match.season, match: id, player, at });
    }
    return { kind: 'joined' };
  }
}
