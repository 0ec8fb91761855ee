/** Which finals are taken, decided from what the database holds under lock. Pure.
 *
 *  A group is whole or refused, and a refusal leaves the other groups as they are. A final that is stored already with the same score and columns is
 *  never refused, in whatever state the match and the season are: it is the resend of a request whose answer was lost. */
import { confirm, type EntryRules, type Mark } from '@photofinish/shared/domain/entry';
import type { MatchRules } from '@photofinish/shared/domain/match-rules';
import { isSameUnit, type Unit } from '@photofinish/shared/domain/order';
import { isScore } from '@photofinish/shared/domain/score';
import { type SeasonState, takesFinals } from '@photofinish/shared/domain/season';
import type { ErrorCode } from '@photofinish/shared/protocol/errors';
import type { FinalGroup, FinalGroupResult, NewFinalScore, StoredFinal } from '../board/finals-store.ts';
import { matchKeyOf } from '../board/match-key.ts';
import { abandonedMessage, keepsPlayers } from '../board/match-limits.ts';
import { FinalLimits, type HeldPlayers, type Joined } from './final-limits.ts';

/** A match together with the season and the rules that its finals follow. */
export interface MatchInSeason extends EntryRules {
  id: string;
  season: string;
  startedAt: number;
  endedAt: number | null;
  abandoned: boolean;
  state: SeasonState;
  closingAt: number | null;
  graceSeconds: number;
  /** Whether its finals are compared with its last ticks. */
  compares: boolean;
  limits: MatchRules;
  rostered: boolean;
}

export interface Standing {
  season: string;
  player: string;
  confirmed: Mark;
  finals: number;
  matchKey: string;
  bucket?: string | undefined;
}

export interface NewFinal extends NewFinalScore {
  season: string;
  match: string;
  at: number;
}

/** What the database holds of all that the groups name. */
export interface Held {
  matches: readonly MatchInSeason[];
  finals: readonly ({ match: string; player: string } & Unit)[];
  standings: readonly Standing[];
  /** Of matches that keep their players; without it there are none. */
  players?: HeldPlayers;
}

export interface Judgement {
  /** One per group, in their order. */
  results: FinalGroupResult[];
  newFinals: NewFinal[];
  /** Those that changed, as they must be now. */
  standings: Standing[];
  ended: { match: string; at: number }[];
  /** Who joined a match by these finals. */
  joining: Joined[];
}

type Refusal = Extract<FinalGroupResult, { kind: 'refused' }>;

const refused = (code: ErrorCode, message: string, player?: string): Refusal => ({
  kind: 'refused',
  code,
  message,
  player,
});

/** Values by two ids. One in the other: a key made of both would be put together and hashed at every look (`finals.rate`). */
class ByTwo<T> {
  readonly #parts = new Map<string, Map<string, T>>();

  of(a: string): ReadonlyMap<string, T> | undefined {
    return this.#parts.get(a);
  }

  set(a: string, b: string, value: T): void {
    const part = this.#parts.get(a);
    if (part) part.set(b, value);
    else this.#parts.set(a, new Map([[b, value]]));
  }
}

class Books {
  readonly matches = new Map<string, MatchInSeason>();
  /** Matches that these groups ended. */
  readonly ended = new Set<string>();
  /** By match and player. */
  readonly finals = new ByTwo<Unit>();
  /** By season and player. */
  readonly standings = new ByTwo<Standing>();
  readonly limits: FinalLimits;

  constructor(held: Held) {
    for (const match of held.matches) this.matches.set(match.id, match);
    for (const final of held.finals) this.finals.set(final.match, final.player, final);
    for (const row of held.standings) this.standings.set(row.season, row.player, row);
    this.limits = new FinalLimits(held.players ?? NOBODY);
  }

  hasEnded(match: MatchInSeason): boolean {
    return match.endedAt !== null || this.ended.has(match.id);
  }
}

const NOBODY: HeldPlayers = { joined: [], counted: [] };

/** Groups are judged in order, each against what the ones before it left. */
export function judgeFinals(groups: readonly FinalGroup[], held: Held): Judgement {
  const books = new Books(held);
  const judgement: Judgement = { results: [], newFinals: [], standings: [], ended: [], joining: [] };
  const changed = new ByTwo<number>();
  for (const group of groups) {
    const match = books.matches.get(group.match);
    const verdict = match
      ? (refusal(group, match, books) ?? applied(group, match, books))
      : refused('MATCH_NOT_FOUND', `match: there is no match ${group.match}`);
    if (verdict.kind === 'refused' || !match) {
      judgement.results.push(verdict as Refusal);
      continue;
    }
    const { season, startedAt: matchStartedAt } = match;
    for (const final of verdict.newFinals) {
      books.finals.set(match.id, final.player, final);
      judgement.newFinals.push(final);
    }
    for (const standing of verdict.standings) {
      books.standings.set(season, standing.player, standing);
      const place = changed.of(season)?.get(standing.player) ?? judgement.standings.length;
      changed.set(season, standing.player, place);
      judgement.standings[place] = standing;
    }
    books.limits.join(match, verdict.newFinals, group.at);
    if (group.end && !books.hasEnded(match)) {
      books.ended.add(match.id);
      judgement.ended.push({ match: match.id, at: group.at });
    }
    const { finals } = verdict;
    judgement.results.push({ kind: 'stored', season, matchStartedAt, finals, pending: undefined });
  }
  judgement.joining = books.limits.joining;
  return judgement;
}

function refusal(group: FinalGroup, match: MatchInSeason, books: Books): Refusal | undefined {
  const { finals } = group;
  if (finals.length > 1) {
    const seen = new Set<string>();
    for (const { player } of finals) {
      if (seen.has(player))
        return refused(
          'INVALID_REQUEST',
          `finals: player ${player} is named twice; a match has one final per player`,
          player,
        );
      seen.add(player);
    }
  }
  const known = books.finals.of(match.id);
  let fresh: string | undefined;
  for (const final of finals) {
    const { player, score } = final;
    const stored = known?.get(player);
    if (!stored) fresh ??= player;
    else if (!isSameUnit(stored, final))
      return refused(
        'FINAL_CONFLICT',
        stored.score === score
          ? `player ${player}: the final of match ${match.id} is stored with other columns, and the first one stands`
          : `player ${player}: the final of match ${match.id} is stored as ${stored.score}; ${score} contradicts it, and the first one stands`,
        player,
      );
  }
  if (fresh === undefined) return undefined;
  return lateRefusal(group, match, { player: fresh, books }) ?? limitRefusal(group, match, books);
}

function lateRefusal(
  group: FinalGroup,
  match: MatchInSeason,
  { player, books }: { player: string; books: Books },
): Refusal | undefined {
  if (match.abandoned) return refused('MATCH_ABANDONED', abandonedMessage(match.id), player);
  if (books.hasEnded(match))
    return refused('MATCH_ENDED', `match: ${match.id} has ended and takes no further finals`, player);
  if (!takesFinals(match.state) || isPastGrace(match, group.at))
    return refused(
      'SEASON_CLOSED',
      `season: ${match.season} is ${match.state} and takes no finals of match ${match.id} any more`,
      player,
    );
  return undefined;
}

function limitRefusal(group: FinalGroup, match: MatchInSeason, books: Books): Refusal | undefined {
  if (!keepsPlayers(match)) return undefined;
  const known = books.finals.of(match.id);
  const fresh = group.finals.map((final) => final.player).filter((player) => !known?.has(player));
  const finalsOf = (player: string) => books.standings.of(match.season)?.get(player)?.finals ?? 0;
  const refusal = books.limits.refusal(match, fresh, finalsOf);
  return refusal && refused(refusal.code, refusal.message, refusal.player);
}

const isPastGrace = (match: MatchInSeason, at: number): boolean =>
  match.state === 'closing' && at > (match.closingAt ?? 0) + match.graceSeconds * 1_000;

interface Applied {
  kind: 'applied';
  finals: StoredFinal[];
  newFinals: NewFinal[];
  standings: Standing[];
}

function applied(group: FinalGroup, match: MatchInSeason, books: Books): Refusal | Applied {
  const outcome: Applied = { kind: 'applied', finals: [], newFinals: [], standings: [] };
  const matchKey = matchKeyOf(match);
  const { season } = match;
  const known = books.finals.of(match.id);
  const standings = books.standings.of(season);
  for (const final of group.finals) {
    const { player, score, columnsKey, metadata } = final;
    const before = standings?.get(player);
    if (known?.has(player)) {
      if (!before) throw new Error(`a stored final without a standing: season ${season}, player ${player}`);
      const { confirmed, finals, bucket } = before;
      outcome.finals.push({ player, score, duplicate: true, confirmed, finals, bucket });
      continue;
    }
    const mark: Mark = { score, columnsKey, metadata, achievedAt: group.at };
    const confirmed = confirm(match, before?.confirmed, mark);
    if (confirmed === 'overflow')
      return refused(
        'SCORE_OVERFLOW',
        isScore((before?.confirmed.score ?? 0) + score)
          ? `player ${player}: with these columns the sum of a column would leave the range of scores (2^53 - 1)`
          : `player ${player}: with ${score} the sum of finals would leave the range of scores (2^53 - 1)`,
        player,
      );
    const finals = (before?.finals ?? 0) + 1;
    const newest = before && before.matchKey > matchKey ? before.matchKey : matchKey;
    const bucket = before ? before.bucket : final.bucket;
    outcome.standings.push({ season, player, confirmed, finals, matchKey: newest, bucket });
    outcome.newFinals.push({
      player,
      score,
      columnsKey,
      metadata,
      bucket: final.bucket,
      season,
      match: match.id,
      at: group.at,
    });
    outcome.finals.push({ player, score, duplicate: false, confirmed, finals, bucket });
  }
  return outcome;
}
