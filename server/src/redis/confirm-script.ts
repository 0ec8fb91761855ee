/** confirm.lua: what its arguments and its reply look like. */
import type { ConfirmedEntry, ConfirmedResult, ConfirmedWrite } from '../board/live-board.ts';
import { STANDING } from './keys.ts';
import { stampAt } from './rank-member.ts';
import { type ScriptArg, script } from './script.ts';

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

export function confirmResult(writes: number, reply: unknown): ConfirmedResult {
  const [kind, ...rest] = reply as ['cold'] | ['ok', ...(number | string)[]];
  if (kind === 'cold') return { kind };
  const [epoch, version, ...results] = rest as [number, number, ...(number | string)[]];
  const entries = Array.from({ length: writes }, (_, n) => confirmedAt(results, n * ENTRY_LENGTH));
  return { kind, epoch, version, entries };
}

const ENTRY_LENGTH = 4;

function confirmedAt(results: readonly (number | string)[], i: number): ConfirmedEntry {
  const [rank, score, bucket, bucketRank] = results.slice(i, i + ENTRY_LENGTH);
  return {
    rank: Number(rank),
    score: Number(score),
    ...(rank === 0 ? { hidden: true } : undefined),
    ...(bucket === '' ? undefined : { bucket: String(bucket), bucketRank: Number(bucketRank) }),
  };
}
