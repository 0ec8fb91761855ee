/** confirm.lua: what its arguments and its reply look like. */
import type { Board } from '@photofinish/shared/domain/board';
import type { ConfirmedEntry, ConfirmedResult, ConfirmedWrite } from '../board/live-board.ts';
import { STANDING } from './keys.ts';
import { stampAt } from './rank-member.ts';
import { type ScriptArg, script } from './script.ts';
import { columnsAt, hasUnits, LENGTHS } from './tick-script.ts';

export const CONFIRM = script('confirm', {
  keys: ['rank', 'entries', 'dirty', 'meta', ...STANDING],
  args: [
    ...(['operator', 'sortOrder', 'now', 'keep', 'hasUnits', 'ranking', 'bucketSize'] as const),
    ...(['count', 'packed'] as const),
  ],
  writes: true,
});

const DOUBLE = 8;

/** One argument for all of them, as `packTicks` (`finals.rate`). */
export function packConfirmed(writes: readonly ConfirmedWrite[]): Buffer {
  const count = writes.length;
  const numbers = new Float64Array(2 * count);
  let [players, matches, stamps] = ['', '', ''];
  for (let n = 0; n < count; n++) {
    const { player, matchKey, confirmed, finals } = writes[n] as ConfirmedWrite;
    // Never -0.
    numbers[n] = confirmed.score + 0;
    numbers[count + n] = finals;
    players += LENGTHS[player.length] + player;
    matches += LENGTHS[matchKey.length] + matchKey;
    stamps += stampAt(confirmed.achievedAt);
  }
  const text = players + matches + stamps;
  const packed = Buffer.allocUnsafe(2 * count * DOUBLE + text.length);
  packed.set(new Uint8Array(numbers.buffer));
  packed.write(text, 2 * count * DOUBLE, 'latin1');
  return packed;
}

/** What was stored goes along although its board has given up keeping it: the database has it still, and both sides must agree. */
export const bringUnits = (board: Board, writes: readonly ConfirmedWrite[]): boolean =>
  hasUnits(board) ||
  writes.some(({ confirmed, bucket }) => Boolean(confirmed.columnsKey || confirmed.metadata || bucket));

/** What only some boards have, for each. */
export const confirmArgs = (writes: readonly ConfirmedWrite[], units: boolean): ScriptArg[] =>
  units
    ? writes.flatMap(({ confirmed, bucket }) => [
        confirmed.columnsKey ?? '',
        confirmed.metadata ?? '',
        bucket ?? '',
      ])
    : [];

const HEAD_LENGTH = 4;
const TOLD = 5;

/** Shorter when it is cold. */
type Reply = [kind: Buffer, epoch: number, version: number, packed: Buffer, ...unknown[]];

/** @param raw as `runBinary` gives it */
export function confirmResult(
  board: Board,
  { writes, units }: { writes: number; units: boolean },
  raw: unknown,
): ConfirmedResult {
  const reply = raw as Reply;
  const [kind, epoch, version, packed] = reply;
  if (String(kind) === 'cold') return { kind: 'cold' };
  // Copied: a reply need not begin where doubles may.
  const told = new Float64Array(packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.length));
  const entries = new Array<ConfirmedEntry>(writes);
  for (let n = 0; n < writes; n++) entries[n] = confirmedAt(told, n * TOLD);
  let next = HEAD_LENGTH;
  if (units)
    for (const entry of entries) {
      entry.columns = columnsAt(board, String(reply[next]));
      const bucket = String(reply[next + 1]);
      if (bucket !== '') {
        entry.bucket = bucket;
        entry.bucketRank = Number(reply[next + 2]);
      }
      next += 3;
    }
  return { kind: 'ok', epoch, version, entries };
}

function confirmedAt(values: Float64Array, i: number): ConfirmedEntry {
  const [rank, previousScore] = [values[i] as number, values[i + 4] as number];
  const entry: ConfirmedEntry = {
    rank,
    previousRank: values[i + 3] as number,
    score: values[i + 1] as number,
    previousScore: Number.isNaN(previousScore) ? undefined : previousScore,
    columns: undefined,
    improved: values[i + 2] === 1,
  };
  if (rank === 0) entry.hidden = true;
  return entry;
}
