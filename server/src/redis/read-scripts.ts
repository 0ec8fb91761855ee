/** ranked-page.lua, around.lua, ranks.lua, window.lua: what their arguments and replies look like. */
import type { Board } from '@photofinish/shared/domain/board';
import { msOfStamp, type OrderKey, rankedScore } from '@photofinish/shared/domain/order';
import { type Numbers, number } from '@photofinish/shared/domain/rank';
import type { SeasonState } from '@photofinish/shared/domain/season';
import type { ReadResult, WindowResult } from '../board/live-board.ts';
import type { Page, PageOf, PlacedEntry, PlayerPlace } from '../board/placed-entry.ts';
import { entryOfMember, rankMember } from './rank-member.ts';
import { script } from './script.ts';

export const RANKED_PAGE = script('ranked-page', {
  keys: ['rank', 'meta'],
  args: ['ranking', 'limit', 'side', 'keyScore', 'keyMember', 'firstScore', 'lastScore'],
  writes: false,
});
export const AROUND = script('around', {
  keys: ['rank', 'entries', 'meta'],
  args: ['ranking', 'player', 'above', 'below'],
  writes: false,
});
export const RANKS = script('ranks', {
  keys: ['rank', 'entries', 'meta'],
  args: ['ranking', 'sortOrder'],
  writes: false,
});
export const WINDOW = script('window', {
  keys: ['rank', 'dirty', 'claim', 'meta'],
  args: [],
  writes: false,
});

/** One script call holds everyone else up for about a millisecond at this size. */
export const PLAYERS_MAX = 5_000;

type Head = [kind: 'ok', epoch: number, version: number, state: SeasonState, total: number];
type Reply<Rest extends unknown[]> = ['cold'] | [...Head, ...Rest];

const HEAD_LENGTH = 5;

const headOf = ([kind, epoch, version, state, total]: [...Head, ...unknown[]]) => ({
  kind,
  epoch,
  version,
  state,
  total,
});

/** @param list member, ranked score, member, ranked score … from `start` on */
function entriesIn(
  { sortOrder, ranking }: Board,
  list: readonly unknown[],
  start: number,
  first: Numbers,
): PlacedEntry[] {
  const keys: OrderKey[] = [];
  for (let i = start; i < list.length; i += 2)
    keys.push(entryOfMember(sortOrder, String(list[i]), Number(list[i + 1])));
  return number(keys, ranking, first);
}

export function pageArgs({ sortOrder, ranking }: Board, of: PageOf) {
  const from = of.from && rankMember(sortOrder, of.from.key);
  const scores = [of.scoreMin, of.scoreMax].map((score) =>
    score === undefined ? '' : rankedScore(sortOrder, score),
  );
  const [first, last] = sortOrder === 'asc' ? scores : scores.reverse();
  return {
    ranking,
    limit: of.limit,
    side: of.from?.side ?? '',
    keyScore: from?.ranked ?? '',
    keyMember: from?.member ?? '',
    firstScore: first ?? '',
    lastScore: last ?? '',
  };
}

export function pageResult(board: Board, raw: unknown): ReadResult<Page> {
  const reply = raw as Reply<[count: number, above: number, place: number, rank: number, ...string[]]>;
  if (reply[0] === 'cold') return { kind: 'cold' };
  const [count, above, place, rank] = reply.slice(HEAD_LENGTH, HEAD_LENGTH + 4) as [
    number,
    number,
    number,
    number,
  ];
  const entries = entriesIn(board, reply, HEAD_LENGTH + 4, { place, rank });
  return { ...headOf(reply), count, above, entries };
}

export function aroundResult(
  board: Board,
  raw: unknown,
): ReadResult<{ total: number; entries: PlacedEntry[] }> {
  const reply = raw as Reply<[place: number, rank: number, ...string[]]>;
  if (reply[0] === 'cold') return { kind: 'cold' };
  const [place, rank] = reply.slice(HEAD_LENGTH, HEAD_LENGTH + 2) as [number, number];
  return { ...headOf(reply), entries: entriesIn(board, reply, HEAD_LENGTH + 2, { place, rank }) };
}

const RANK_FIELDS = 5;

export function ranksResult(
  players: readonly string[],
  raw: unknown,
): ReadResult<{ total: number; entries: (PlayerPlace | undefined)[] }> {
  const reply = raw as Reply<(number | string)[]>;
  if (reply[0] === 'cold') return { kind: 'cold' };
  const entries = players.map((player, n) => {
    const at = HEAD_LENGTH + n * RANK_FIELDS;
    const [place, rank, better, score, stamp] = reply.slice(at, at + RANK_FIELDS) as [
      number,
      number,
      number,
      number | string,
      string,
    ];
    if (place === 0) return undefined;
    return { place, rank, better, player, score: Number(score), achievedAt: msOfStamp(stamp) };
  });
  return { ...headOf(reply), entries };
}

export function windowResult(raw: unknown): WindowResult {
  const reply = raw as Reply<[dirty: number, since: string]>;
  if (reply[0] === 'cold') return { kind: 'cold' };
  const since = reply[HEAD_LENGTH + 1] as string;
  return {
    ...headOf(reply),
    dirty: reply[HEAD_LENGTH],
    dirtySince: since === '' ? undefined : msOfStamp(since),
  };
}
