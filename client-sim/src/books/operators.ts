/** The simulator's own idea of what an entry's score is made of: `banked` by finals, and `playing`, as ticks of the match under
 *  way say. Times are bounds by this machine's clock, because only the server knows the exact millisecond. */
import type { SortOrder } from './order.ts';

export type Operator = 'best' | 'latest' | 'sum';

export interface Rules {
  operator: Operator;
  sort: SortOrder;
}

/** A score, and between which two moments it was reached. */
export interface Reached {
  score: number;
  notBefore: number;
  notAfter: number;
}

const beats = (sort: SortOrder, a: number, b: number): boolean => (sort === 'desc' ? a > b : b > a);

/** What is shown. A match under way began after every banked final, so that `latest` shows it. */
export function shown(
  rules: Rules,
  banked: Reached | undefined,
  playing: Reached | undefined,
): Reached | undefined {
  if (banked === undefined || playing === undefined) return playing ?? banked;
  switch (rules.operator) {
    case 'latest':
      return playing;
    case 'sum':
      return {
        score: banked.score + playing.score,
        notBefore: Math.max(banked.notBefore, playing.notBefore),
        notAfter: Math.max(banked.notAfter, playing.notAfter),
      };
    case 'best':
      return beats(rules.sort, playing.score, banked.score) ? playing : banked;
  }
}

/** What is banked after one more final. A final that leaves the score as it was leaves its time, too. */
export function bank(rules: Rules, banked: Reached | undefined, final: Reached): Reached {
  if (banked === undefined) return final;
  switch (rules.operator) {
    case 'latest':
      return final.score === banked.score ? banked : final;
    case 'sum':
      return final.score === 0 ? banked : { ...final, score: banked.score + final.score };
    case 'best':
      return beats(rules.sort, final.score, banked.score) ? final : banked;
  }
}

/** What is being played after one more tick, which says the match's score so far or adds to it. */
export function play(
  playing: Reached | undefined,
  tick: { score?: number | undefined; delta?: number | undefined },
  bounds: { notBefore: number; notAfter: number },
): Reached {
  const score = tick.delta === undefined ? (tick.score ?? 0) : (playing?.score ?? 0) + tick.delta;
  if (playing && playing.score === score) return playing;
  return { score, ...bounds };
}
