/** What an entry's score is made of.
 *
 *  `confirmed` comes from finals (Postgres has it), `provisional` from ticks of the match being played, or, on
 *  an open board, from ticks alone. The visible score combines the two by the board's operator. Redis
 *  scripts follow the same table (tick.lua, final.lua); a contract test holds both to it. */
import { isBetter, type SortOrder } from './order.ts';
import { isScore } from './score.ts';

export type Operator = 'best' | 'latest' | 'sum';

/** A score and when it was reached, in milliseconds. */
export interface Mark {
  score: number;
  achievedAt: number;
}

/** best: the better of the two, the earlier one when equal.
 *  latest: the newer one, the provisional one when both are of the same millisecond.
 *  sum: both together, reached when the later of the two was reached.
 *  @returns undefined when there is neither; 'overflow' when the sum is not a safe integer */
export function combine(
  rules: { operator: Operator; sortOrder: SortOrder },
  confirmed: Mark | undefined,
  provisional: Mark | undefined,
): Mark | undefined | 'overflow' {
  if (!provisional) return confirmed;
  if (!confirmed) return provisional;
  if (rules.operator === 'latest')
    return provisional.achievedAt >= confirmed.achievedAt ? provisional : confirmed;
  if (rules.operator === 'sum') {
    const score = confirmed.score + provisional.score;
    if (!isScore(score)) return 'overflow';
    return { score, achievedAt: Math.max(confirmed.achievedAt, provisional.achievedAt) };
  }
  if (confirmed.score === provisional.score)
    return confirmed.achievedAt <= provisional.achievedAt ? confirmed : provisional;
  return isBetter(rules.sortOrder, provisional.score, confirmed.score) ? provisional : confirmed;
}

/** The confirmed mark after one more final. `finalAt` is when the final was accepted.
 *  A final that leaves the score as it was leaves `achievedAt` too. */
export function confirm(
  rules: { operator: Operator; sortOrder: SortOrder },
  before: Mark | undefined,
  final: Mark,
): Mark | 'overflow' {
  if (!before) return final;
  if (rules.operator === 'sum') {
    const score = before.score + final.score;
    if (!isScore(score)) return 'overflow';
    return score === before.score ? before : { score, achievedAt: final.achievedAt };
  }
  if (rules.operator === 'latest') return final.score === before.score ? before : final;
  return isBetter(rules.sortOrder, final.score, before.score) ? final : before;
}

/** The provisional mark after a tick that says `score` (absolute) or `delta` (sum only).
 *  Match boards: the match's score as last told. Open boards: the operator applied to all ticks so far. */
export function provision(
  rules: { operator: Operator; sortOrder: SortOrder; kind: 'open' | 'match' },
  before: Mark | undefined,
  tick: { score?: number; delta?: number; at: number },
): Mark | 'overflow' {
  const score = tick.delta === undefined ? (tick.score ?? 0) : (before?.score ?? 0) + tick.delta;
  if (!isScore(score)) return 'overflow';
  if (before) {
    if (score === before.score) return before;
    if (rules.kind === 'open' && rules.operator === 'best' && !isBetter(rules.sortOrder, score, before.score))
      return before;
  }
  return { score, achievedAt: tick.at };
}
