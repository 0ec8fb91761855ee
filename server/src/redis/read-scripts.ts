/** ranked-page.lua, around.lua, ranks.lua, window.lua: what their arguments and replies look like. */
import type { Board } from '@photofinish/shared/domain/board';
import { msOfStamp, type OrderKey, rankedScore } from '@photofinish/shared/domain/order';
import { type Numbers, number } from '@photofinish/shared/domain/rank';
import type { SeasonState } from '@photofinish/shared/domain/season';
import type { ReadResult, WindowResult } from '../board/live-board.ts';
import type { Page, PageOf, PlacedEntry, Ranks, ShownEntry } from '../board/placed-entry.ts';
import { columnsWidth, entryOfMember, rankMember } from './rank-member.ts';
import { script } from './script.ts';

const SHOWN = ['ranking', 'columnsWidth', 'withMetadata'] as const;
export const RANKED_PAGE = script('ranked-page', {
  keys: ['rank', 'levels', 'entries', 'meta'],
  args: [...SHOWN, 'limit', 'side', 'keyScore', 'keyMember', 'firstScore', 'lastScore'],
  writes: false,
});
export const AROUND = script('around', {
  keys: ['rank', 'levels', 'entries', 'meta'],
  args: [...SHOWN, 'player', 'above', 'below'],
  writes: false,
});
export const RANKS = script('ranks', {
  keys: ['rank', 'levels', 'entries', 'meta'],
  args: ['ranking', 'sortOrder', 'inBuckets'],
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

export const shownArgs = (board: Board) => ({
  ranking: board.ranking,
  columnsWidth: columnsWidth(board),
  withMetadata: board.entryMetadata ? 1 : 0,
});

/** @param list from `start` on, per entry: member, ranked score, and metadata on boards that keep it */
function entriesIn(board: Board, list: readonly unknown[], start: number, first: Numbers): PlacedEntry[] {
  const fields = board.entryMetadata ? 3 : 2;
  const entries: ShownEntry[] = [];
  for (let i = start; i < list.length; i += fields) {
    const key = entryOfMember(board, String(list[i]), Number(list[i + 1]));
    entries.push(board.entryMetadata ? withMetadata(key, String(list[i + 2])) : key);
  }
  return number(entries, board.ranking, first);
}

const withMetadata = (key: OrderKey, metadata: string): ShownEntry =>
  metadata === '' ? key : { ...key, metadata };

export function pageArgs(board: Board, of: PageOf) {
  const { sortOrder } = board;
  const from = of.from && rankMember(sortOrder, of.from.key);
  const scores = [of.scoreMin, of.scoreMax].map((score) =>
    score === undefined ? '' : rankedScore(sortOrder, score),
  );
  const [first, last] = sortOrder === 'asc' ? scores : scores.reverse();
  return {
    ...shownArgs(board),
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

const RANK_FIELDS = 9;
type RankFields = [
  place: number,
  rank: number,
  better: number,
  score: number | string,
  stamp: string,
  columnsKey: string,
  metadata: string,
  bucket: string,
  bucketRank: number,
];

export function ranksResult(players: readonly string[], raw: unknown): ReadResult<Ranks> {
  const reply = raw as Reply<RankFields>;
  if (reply[0] === 'cold') return { kind: 'cold' };
  const entries = players.map((player, n) => {
    const at = HEAD_LENGTH + n * RANK_FIELDS;
    const [place, rank, better, score, stamp, columnsKey, metadata, bucket, bucketRank] = (
      reply as unknown[]
    ).slice(at, at + RANK_FIELDS) as RankFields;
    if (place === 0) return undefined;
    const key = { player, score: Number(score), achievedAt: msOfStamp(stamp) };
    const unit = withMetadata({ ...key, ...(columnsKey === '' ? {} : { columnsKey }) }, metadata);
    const entry = bucket === '' ? unit : { ...unit, bucket };
    if (place < 0) return { ...entry, hidden: true as const };
    return { ...entry, place, rank, better, ...(bucketRank === 0 ? {} : { bucketRank }) };
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
