/** tick.lua: what its arguments and its reply look like. */
import type { Board } from '@photofinish/shared/domain/board';
import { columnsOf } from '@photofinish/shared/domain/columns';
import { msOfStamp } from '@photofinish/shared/domain/order';
import type { SeasonState } from '@photofinish/shared/domain/season';
import type { SentTicks, TickBatchResult, TickOutcome, TickRefusal, TickWrite } from '../board/live-board.ts';
import { STANDING } from './keys.ts';
import { stampAt } from './rank-member.ts';
import { type ScriptArg, script } from './script.ts';

export const TICK = script('tick', {
  keys: ['rank', 'entries', 'dirty', 'claim', 'meta', ...STANDING],
  args: [
    ...(['kind', 'operator', 'sortOrder', 'dirtyLimit', 'seenEpoch', 'seenVersion', 'redo'] as const),
    ...(['keep', 'hasUnits', 'ranking', 'bucketSize', 'count', 'packed'] as const),
  ],
  writes: true,
  after: 'plain-tick',
});

/** Boards without columns, metadata and buckets, which are most, send and parse no more for those that have them. */
export const hasUnits = (board: Board): boolean =>
  board.columns.length > 0 || board.entryMetadata !== undefined || board.buckets !== undefined;

/** A character per length of an id or a seq: latin1 makes it the byte. */
export const LENGTHS = Array.from({ length: 256 }, (_, length) => String.fromCharCode(length));

const DOUBLE = 8;

/** Scores and seqs as doubles, ids and seqs as text: one argument for all of them costs both sides a third of what one for each does
 *  (`redis.ticks`, `ack.single`). */
export function packTicks(ticks: readonly TickWrite[]): Buffer {
  const count = ticks.length;
  const numbers = new Float64Array(2 * count);
  let [players, seqs] = ['', ''];
  for (let n = 0; n < count; n++) {
    const tick = ticks[n] as TickWrite;
    // Never -0.
    numbers[n] = (tick.score ?? tick.delta ?? 0) + 0;
    players += LENGTHS[tick.player.length] + tick.player;
    if (tick.seq === undefined) seqs += LENGTHS[0];
    else {
      numbers[count + n] = tick.seq;
      const seq = String(tick.seq);
      seqs += LENGTHS[seq.length] + seq;
    }
  }
  const text = players + seqs;
  const packed = Buffer.allocUnsafe(2 * count * DOUBLE + text.length);
  packed.set(new Uint8Array(numbers.buffer));
  packed.write(text, 2 * count * DOUBLE, 'latin1');
  return packed;
}

const RUN = 5;

/** What `packTicks` and `tickArgs` made of ticks without units. */
export class PackedTicks implements SentTicks {
  readonly count: number;
  readonly #packed: Buffer;
  readonly #runs: readonly ScriptArg[];

  constructor(count: number, packed: Buffer, runs: readonly ScriptArg[]) {
    this.count = count;
    this.#packed = packed;
    this.#runs = runs;
  }

  unpack(): TickWrite[] {
    const { count } = this;
    const texts = this.#texts();
    const ticks: TickWrite[] = [];
    for (let run = 0; run < this.#runs.length; run += RUN) {
      const [length, writer, matchKey, stamp, isDelta] = this.#runs.slice(run, run + RUN) as [
        ...[number, string, string, string, number],
      ];
      const at = msOfStamp(stamp);
      for (const last = ticks.length + length; ticks.length < last; ) {
        const n = ticks.length;
        const player = texts[n] as string;
        const amount = this.#packed.readDoubleLE(n * DOUBLE);
        const seq = this.#packed.readDoubleLE((count + n) * DOUBLE) || undefined;
        const [score, delta] = isDelta === 1 ? [undefined, amount] : [amount, undefined];
        ticks.push({ player, writer: writer || player, matchKey, score, delta, seq, at });
      }
    }
    return ticks;
  }

  #texts(): string[] {
    const texts: string[] = [];
    for (let at = 2 * this.count * DOUBLE; texts.length < this.count; ) {
      const end = at + 1 + this.#packed.readUInt8(at);
      texts.push(this.#packed.toString('latin1', at + 1, end));
      at = end;
    }
    return texts;
  }
}

/** What neighbours share, once; then what only some boards have, for each. */
export function tickArgs(ticks: readonly TickWrite[], units: boolean): ScriptArg[] {
  const args: ScriptArg[] = [];
  const count = ticks.length;
  for (let first = 0; first < count; ) {
    const { player, writer, matchKey, delta, at } = ticks[first] as TickWrite;
    const own = writer === player;
    let next = first + 1;
    for (; next < count; next++) {
      const tick = ticks[next] as TickWrite;
      if (
        tick.at !== at ||
        tick.matchKey !== matchKey ||
        (tick.delta === undefined) !== (delta === undefined)
      )
        break;
      if (own ? tick.writer !== tick.player : tick.writer !== writer) break;
    }
    args.push(next - first, own ? '' : writer, matchKey, stampAt(at), delta === undefined ? 0 : 1);
    first = next;
  }
  if (units)
    for (const tick of ticks) args.push(tick.columnsKey ?? '', tick.metadata ?? '', tick.bucket ?? '');
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

const HEAD_LENGTH = 5;
const TOLD = 5;

/** Shorter when it is not `ok`. */
type Reply = [kind: Buffer, epoch: number, version: number, dirty: number, packed: Buffer, ...unknown[]];

/** @param raw as `runBinary` gives it */
export function tickResult(board: Board, ticks: number, raw: unknown): TickBatchResult {
  const reply = raw as Reply;
  const [kind, epoch, version, dirty, packed] = reply;
  switch (String(kind)) {
    case 'cold':
      return { kind: 'cold' };
    case 'moved':
      return { kind: 'moved', epoch };
    case 'behind':
      return { kind: 'behind', epoch, version };
    case 'not-open':
      return { kind: 'not-open', state: String(epoch) as SeasonState };
  }
  const outcomes = outcomesIn(packed, ticks);
  let next = HEAD_LENGTH;
  if (hasUnits(board))
    for (const outcome of outcomes) outcome.columns = columnsAt(board, String(reply[next++]));
  addBuckets(outcomes, reply, next);
  return { kind: 'ok', epoch, version, dirty, outcomes };
}

function outcomesIn(packed: Buffer, ticks: number): TickOutcome[] {
  // Copied: a reply need not begin where doubles may.
  const told = new Float64Array(packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.length));
  const outcomes = new Array<TickOutcome>(ticks);
  for (let n = 0; n < ticks; n++) outcomes[n] = outcomeAt(told, n * TOLD);
  return outcomes;
}

function outcomeAt(values: Float64Array, i: number): TickOutcome {
  const [told, previousScore] = [values[i] as number, values[i + 4] as number];
  const hidden = told >= HIDDEN;
  const flags = hidden ? told - HIDDEN : told;
  const outcome: TickOutcome = {
    refused: flags < REFUSAL ? undefined : REFUSALS[flags / REFUSAL - 1],
    rank: values[i + 1] as number,
    previousRank: values[i + 3] as number,
    score: values[i + 2] as number,
    previousScore: Number.isNaN(previousScore) ? undefined : previousScore,
    columns: undefined,
    improved: (flags & IMPROVED) !== 0,
    repeat: (flags & REPEAT) !== 0,
  };
  if (hidden) outcome.hidden = true;
  return outcome;
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
