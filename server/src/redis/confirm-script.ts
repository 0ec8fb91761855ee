/** confirm.lua: what its arguments and its reply look like. */
import type { Board } from '@photofinish/shared/domain/board';
import type { ConfirmedEntry, ConfirmedResult, ConfirmedWrite } from '../board/live-board.ts';
import { STANDING } from './keys.ts';
import { stampAt } from './rank-member.ts';
import { type ScriptArg, script } from './script.ts';
import { columnsAt } from './tick-script.ts';

export const CONFIRM = script('confirm', {
  keys: ['rank', 'entries', 'dirty', 'meta', ...STANDING],
  args: ['operator', 'sortOrder', 'now', 'keep', 'ranking', 'bucketSize'],
  writes: true,
});

export const confirmArgs = (writes: readonly ConfirmedWrite[]): ScriptArg[] =>
  writes.flatMap(({ player, matchKey, confirmed, finals, bucket }) => [
    player,
    matchKey,
    confirmed.score,
    stampAt(confirmed.achievedAt),
    finals,
    confirmed.columnsKey ?? '',
    confirmed.metadata ?? '',
    bucket ?? '',
  ]);

const RESULTS = 8;

export function confirmResult(board: Board, writes: number, reply: unknown): ConfirmedResult {
  const [kind, ...rest] = reply as ['cold'] | ['ok', ...unknown[]];
  if (kind === 'cold') return { kind };
  const [epoch, version, ...results] = rest as [number, number, ...unknown[]];
  const entries = Array.from({ length: writes }, (_, n) =>
    confirmedAt(board, results.slice(n * RESULTS, (n + 1) * RESULTS)),
  );
  return { kind, epoch, version, entries };
}

function confirmedAt(board: Board, result: readonly unknown[]): ConfirmedEntry {
  const [rank, score, improved, previousRank, previousScore, columnsKey, bucket, bucketRank] = result;
  return {
    rank: Number(rank),
    previousRank: Number(previousRank),
    score: Number(score),
    previousScore: previousScore === '' ? undefined : Number(previousScore),
    columns: columnsAt(board, columnsKey),
    improved: improved === 1,
    ...(rank === 0 ? { hidden: true } : undefined),
    ...(bucket === '' ? undefined : { bucket: String(bucket), bucketRank: Number(bucketRank) }),
  };
}
