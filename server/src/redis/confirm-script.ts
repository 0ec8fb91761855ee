/** confirm.lua: what its arguments and its reply look like. */
import type { ConfirmedResult, ConfirmedWrite } from '../board/live-board.ts';
import { stampAt } from './rank-member.ts';
import { type ScriptArg, script } from './script.ts';

export const CONFIRM = script('confirm', {
  keys: ['rank', 'entries', 'dirty', 'meta'],
  args: ['operator', 'sortOrder', 'now', 'keep'],
  writes: true,
});

export const confirmArgs = (writes: readonly ConfirmedWrite[]): ScriptArg[] =>
  writes.flatMap(({ player, matchKey, confirmed, finals }) => [
    player,
    matchKey,
    confirmed.score,
    stampAt(confirmed.achievedAt),
    finals,
    confirmed.columnsKey ?? '',
    confirmed.metadata ?? '',
  ]);

export function confirmResult(writes: number, reply: unknown): ConfirmedResult {
  const [kind, ...rest] = reply as ['cold'] | ['ok', ...number[]];
  if (kind === 'cold') return { kind };
  const [epoch, version, ...results] = rest as [number, number, ...number[]];
  const entries = Array.from({ length: writes }, (_, n) => ({
    rank: results[n * 2] ?? 0,
    score: Number(results[n * 2 + 1]),
  }));
  return { kind, epoch, version, entries };
}
