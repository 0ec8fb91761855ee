/** A score is a safe integer: Redis keeps scores as doubles, and past 2^53 - 1 doubles lose order silently.
 *  `scale` (digits after the point) is for display only and never enters arithmetic. */
export const SCORE_MAX = Number.MAX_SAFE_INTEGER;
export const SCORE_MIN = -SCORE_MAX;

export const isScore = (value: unknown): value is number => Number.isSafeInteger(value);

/** Negative zero would sort and print as a score of its own; it is the same score as zero. */
export const normalizeScore = (score: number): number => (score === 0 ? 0 : score);
