/** tick.lua: what its arguments and its reply look like. */
import type { Board } from '@photofinish/shared/domain/board';
import { columnsOf } from '@photofinish/shared/domain/columns';
import type { SeasonState } from '@photofinish/shared/domain/season';
import type { TickBatchResult, TickOutcome, TickRefusal, TickWrite } from '../board/live-board.ts';
import { STANDING } from './keys.ts';
import { stampAt } from './rank-member.ts';
import { type ScriptArg, script } from './script.ts';

export const TICK = script('tick', {
  keys: ['rank', 'entries', 'dirty', 'claim', 'meta', ...STANDING],
  args: [
    ...(['kind', 'operator', 'sortOrder', 'dirtyLimit', 'seenEpoch', 'seenVersion', 'redo'] as const),
    ...(['keep', 'fields', 'ranking', 'bucketSize'] as const),
  ],
  writes: true,
});

const PLAIN_FIELDS = 7;
const ALL_FIELDS = 10;

/** Values per tick: boards without columns, metadata and buckets, which are most, send and parse no more for those that have them. */
export const fieldsOf = (board: Board): number =>
  board.columns.length === 0 && !board.entryMetadata && !board.buckets ? PLAIN_FIELDS : ALL_FIELDS;

export function tickArgs(ticks: readonly TickWrite[], fields: number): ScriptArg[] {
  const args = new Array<ScriptArg>(ticks.length * fields);
  let i = 0;
  for (const tick of ticks) {
    args[i++] = tick.player;
    args[i++] = tick.writer;
    args[i++] = tick.matchKey;
    args[i++] = tick.score ?? '';
    args[i++] = tick.delta ?? '';
    args[i++] = tick.seq ?? '';
    args[i++] = stampAt(tick.at);
    if (fields === ALL_FIELDS) {
      args[i++] = tick.columnsKey ?? '';
      args[i++] = tick.metadata ?? '';
      args[i++] = tick.bucket ?? '';
    }
  }
  return args;
}

const IMPROVED = 1;
const REPEAT = 2;
const REFUSAL = 4;
const HIDDEN = 64;
/** As tick.lua numbers them, from 1. */
const REFUSALS: readonly TickRefusal[] = [
  'MATCH_ENDED',
  'MATCH_SUPERSEDED',
  'SCORE_OVERFLOW',
  'TOO_MANY_WRITERS',
  'OVERLOADED',
  'COLUMN_OVERFLOW',
];

const HEAD_LENGTH = 4;
const PLAIN_RESULTS = 5;
const UNIT_RESULTS = 6;

type Reply =
  | ['cold']
  | ['moved', epoch: number]
  | ['behind', epoch: number, version: number]
  | ['not-open', SeasonState]
  | ['ok', epoch: number, version: number, dirty: number, ...unknown[]];

/** @param ticks how many were sent */
export function tickResult(board: Board, ticks: number, raw: unknown): TickBatchResult {
  const reply = raw as Reply;
  if (reply[0] === 'cold') return { kind: 'cold' };
  if (reply[0] === 'moved') return { kind: 'moved', epoch: reply[1] };
  if (reply[0] === 'behind') return { kind: 'behind', epoch: reply[1], version: reply[2] };
  if (reply[0] === 'not-open') return { kind: 'not-open', state: reply[1] };
  const [kind, epoch, version, dirty] = reply;
  const width = fieldsOf(board) === PLAIN_FIELDS ? PLAIN_RESULTS : UNIT_RESULTS;
  const outcomes = new Array<TickOutcome>(ticks);
  for (let n = 0; n < ticks; n++) {
    const at = HEAD_LENGTH + n * width;
    const outcome = outcomeAt(reply, at);
    if (width === UNIT_RESULTS) outcome.columns = columnsAt(board, reply[at + PLAIN_RESULTS]);
    outcomes[n] = outcome;
  }
  addBuckets(outcomes, reply, HEAD_LENGTH + ticks * width);
  return { kind, epoch, version, dirty, outcomes };
}

/** Scores are numbers, or text near the end of the range (entry.lua, reply_score). */
function outcomeAt(reply: readonly unknown[], i: number): TickOutcome {
  const told = reply[i] as number;
  const hidden = told >= HIDDEN;
  const flags = hidden ? told - HIDDEN : told;
  const previousScore = reply[i + 4];
  return {
    refused: flags < REFUSAL ? undefined : REFUSALS[flags / REFUSAL - 1],
    rank: reply[i + 1] as number,
    previousRank: reply[i + 3] as number,
    score: Number(reply[i + 2]),
    previousScore: previousScore === '' ? undefined : Number(previousScore),
    columns: undefined,
    improved: (flags & IMPROVED) !== 0,
    repeat: (flags & REPEAT) !== 0,
    ...(hidden ? { hidden } : undefined),
  };
}

/** Of a reply: '' where there are none. */
export const columnsAt = (board: Board, columnsKey: unknown): Record<string, number> | undefined =>
  columnsKey === '' || board.columns.length === 0 ? undefined : columnsOf(board.columns, String(columnsKey));

/** Of boards with buckets; on others the reply has ended. */
function addBuckets(outcomes: readonly TickOutcome[], values: readonly unknown[], start: number): void {
  for (let i = start; i + 1 < values.length; i += 2) {
    const outcome = outcomes[(i - start) / 2];
    if (outcome && values[i] !== '') {
      outcome.bucket = String(values[i]);
      outcome.bucketRank = Number(values[i + 1]);
    }
  }
}
