/** confirm.lua: what its arguments and its reply look like. */
import type { Board } from '@photofinish/shared/domain/board';
import type { ConfirmedOutcome, ConfirmedResult, ConfirmedWrite } from '../board/live-board.ts';
import { stampAt } from './rank-member.ts';
import { type ScriptArg, script } from './script.ts';
import { columnsAt } from './tick-script.ts';

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

const RESULTS = 6;

export function confirmResult(board: Board, writes: number, reply: unknown): ConfirmedResult {
  const [kind, ...rest] = reply as ['cold'] | ['ok', ...unknown[]];
  if (kind === 'cold') return { kind };
  const [epoch, version, ...results] = rest as [number, number, ...unknown[]];
  const entries = Array.from({ length: writes }, (_, n) => outcomeAt(board, results, n * RESULTS));
  return { kind, epoch, version, entries };
}

function outcomeAt(board: Board, results: readonly unknown[], i: number): ConfirmedOutcome {
  const previousScore = results[i + 4];
  return {
    rank: results[i] as number,
    previousRank: results[i + 3] as number,
    score: Number(results[i + 1]),
    previousScore: previousScore === '' ? undefined : Number(previousScore),
    columns: columnsAt(board, results[i + 5]),
    improved: results[i + 2] === 1,
  };
}
