/** What is checked of a tick at the door, before it may join a batch. */
import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { SentUnit } from './sent-unit.ts';

export interface Tick extends SentUnit {
  player: string;
  score?: number | undefined;
  delta?: number | undefined;
  seq?: number | undefined;
}

/** @throws Fault SCORE_OUT_OF_RANGE, INVALID_REQUEST */
export function checkTick(board: Board, tick: Tick): void {
  const { score, delta } = tick;
  if (score !== undefined) {
    if (board.kind === 'open' && board.operator === 'sum')
      throw new Fault(
        'INVALID_REQUEST',
        `score: board ${board.id} adds up deltas; send delta and seq in place of score`,
        { field: 'score', fix: 'send delta and seq' },
      );
    checkScore(board, score, 'score');
  } else if (delta !== undefined) {
    if (board.operator !== 'sum')
      throw new Fault(
        'INVALID_REQUEST',
        `delta: board ${board.id} has operator ${board.operator}; send score in place of delta`,
        { field: 'delta', fix: 'send score' },
      );
    if (Math.abs(delta) > board.ticks.maxDelta)
      throw new Fault(
        'SCORE_OUT_OF_RANGE',
        `delta: ${delta} is past the board's maxDelta of ${board.ticks.maxDelta}; send smaller steps`,
        {
          field: 'delta',
          limit: `|delta| <= ${board.ticks.maxDelta}`,
          fix: 'send smaller steps',
        },
      );
  }
}

/** @throws Fault SCORE_OUT_OF_RANGE */
export function checkScore(board: Board, score: number, field: string): void {
  if (score >= board.scoreMin && score <= board.scoreMax) return;
  throw new Fault(
    'SCORE_OUT_OF_RANGE',
    `${field}: ${score} is outside the board's bounds, ${board.scoreMin} to ${board.scoreMax}; send a score within them`,
    {
      field,
      limit: `${board.scoreMin} to ${board.scoreMax}`,
      fix: 'send a score within the bounds',
    },
  );
}

/** Ticks per second of each player of one season, in fixed windows: a window's first tick to its last share one allowance.
 *  Memory is bounded by the ticks of one window, because the whole table is dropped when the window ends. */
export class TickRate {
  readonly #windowMs: number;
  readonly #allowance: number;
  readonly maxPerSecond: number;
  #counts = new Map<string, number>();
  #endsAt = 0;

  constructor(maxPerSecond: number) {
    this.maxPerSecond = maxPerSecond;
    this.#windowMs = Math.max(1_000, Math.ceil(1_000 / maxPerSecond));
    this.#allowance = Math.max(1, Math.floor((maxPerSecond * this.#windowMs) / 1_000));
  }

  /** @throws Fault RATE_LIMITED */
  take(player: string, now: number): void {
    if (now >= this.#endsAt) {
      this.#endsAt = now + this.#windowMs;
      this.#counts = new Map();
    }
    const count = this.#counts.get(player) ?? 0;
    if (count >= this.#allowance)
      throw new Fault(
        'RATE_LIMITED',
        `player: ${player} sends more than the board's ${this.maxPerSecond} ticks per second; wait, then send the newest score`,
        {
          field: 'player',
          limit: `${this.maxPerSecond} ticks per second and player`,
          fix: 'wait, then send the newest score',
          retryAfterMs: this.#endsAt - now,
        },
      );
    this.#counts.set(player, count + 1);
  }
}
