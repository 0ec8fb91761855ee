/** top.lua, around.lua, ranks.lua, window.lua: what their arguments and replies look like. */
import type { Board } from '@photofinish/shared/domain/board';
import { msOfStamp } from '@photofinish/shared/domain/order';
import type { SeasonState } from '@photofinish/shared/domain/season';
import type { RankedEntry } from '@photofinish/shared/protocol/replies';
import type { ReadResult, WindowResult } from '../board/live-board.ts';
import { entryOfMember } from './rank-member.ts';
import { script } from './script.ts';

export const TOP = script('top', { keys: ['rank', 'meta'], args: ['limit'], writes: false });
export const AROUND = script('around', {
  keys: ['rank', 'entries', 'meta'],
  args: ['player', 'above', 'below'],
  writes: false,
});
export const RANKS = script('ranks', { keys: ['rank', 'entries', 'meta'], args: [], writes: false });
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
function entriesIn(board: Board, list: readonly unknown[], start: number, firstRank: number): RankedEntry[] {
  const entries: RankedEntry[] = [];
  for (let i = start; i < list.length; i += 2) {
    const { player, score, achievedAt } = entryOfMember(board, String(list[i]), Number(list[i + 1]));
    entries.push({ rank: firstRank + entries.length, player, score, achievedAt });
  }
  return entries;
}

export function topResult(board: Board, raw: unknown): ReadResult<RankedEntry> {
  const reply = raw as Reply<string[]>;
  if (reply[0] === 'cold') return { kind: 'cold' };
  return { ...headOf(reply), entries: entriesIn(board, reply, HEAD_LENGTH, 1) };
}

export function aroundResult(board: Board, raw: unknown): ReadResult<RankedEntry> {
  const reply = raw as Reply<[firstRank: number, ...string[]]>;
  if (reply[0] === 'cold') return { kind: 'cold' };
  return { ...headOf(reply), entries: entriesIn(board, reply, HEAD_LENGTH + 1, reply[HEAD_LENGTH]) };
}

export function ranksResult(players: readonly string[], raw: unknown): ReadResult<RankedEntry | undefined> {
  const reply = raw as Reply<(number | string)[]>;
  if (reply[0] === 'cold') return { kind: 'cold' };
  const entries = players.map((player, n) => {
    const at = HEAD_LENGTH + n * 3;
    const [rank, score, stamp] = reply.slice(at, at + 3) as [number, number | string, string];
    return rank <= 0 ? undefined : { rank, player, score: Number(score), achievedAt: msOfStamp(stamp) };
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
