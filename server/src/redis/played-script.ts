/** played.lua: what its arguments and its reply look like. */
import type { PlayedMatch, PlayedResult } from '../board/live-board.ts';
import { script } from './script.ts';

export const PLAYED = script('played', { keys: ['entries', 'meta'], args: [], writes: false });

/** As played.lua numbers them. */
const KINDS = ['none', 'playing', 'over', 'unknown'] as const;

/** @param asked how many were asked for */
export function playedResult(asked: number, raw: unknown): PlayedResult {
  const reply = raw as ['cold'] | ['ok', ...(number | string)[]];
  if (reply[0] === 'cold') return { kind: 'cold' };
  const played = Array.from({ length: asked }, (_, n): PlayedMatch => {
    const kind = KINDS[Number(reply[1 + 2 * n])] ?? 'none';
    return kind === 'playing' ? { kind, score: Number(reply[2 + 2 * n]) } : { kind };
  });
  return { kind: 'ok', played };
}
