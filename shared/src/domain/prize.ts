/** Prizes by place, and what equal scores do to them. Amounts are integers in minor units (cents). */
import { isSameUnit } from './order.ts';

/** Places `from` to `to`, both included, each get `amountMinor`. */
export interface PrizeBand {
  from: number;
  to: number;
  amountMinor: number;
}

/** first: the one who reached the score first takes the better place's prize;
 *  share: all who have an equal score get the best of their places' prizes;
 *  split: they share the sum of their places' prizes, the odd minor units going to who reached it first. */
export type TieRule = 'first' | 'share' | 'split';

export interface Standing {
  player: string;
  /** 1-based place under the total order. */
  rank: number;
  score: number;
  /** Equal are those whose score and columns are. */
  columnsKey?: string | undefined;
}

export interface Prize {
  player: string;
  rank: number;
  amountMinor: number;
}

const prizeAt = (bands: readonly PrizeBand[], place: number): number =>
  bands.find((band) => place >= band.from && place <= band.to)?.amountMinor ?? 0;

/** @param standings in rank order; equal scores must be neighbours, and a group of equal scores must be whole
 *  @returns one prize per paid player, in rank order; players with nothing are left out */
export function prizesFor(
  bands: readonly PrizeBand[],
  ties: TieRule,
  standings: readonly Standing[],
): Prize[] {
  const prizes: Prize[] = [];
  for (let start = 0; start < standings.length; ) {
    const first = standings[start];
    if (!first) break;
    let end = start + 1;
    for (let next = standings[end]; next && isSameUnit(next, first); next = standings[end]) end++;
    const group = standings.slice(start, end);
    const amounts = group.map((standing) => prizeAt(bands, standing.rank));
    for (const [i, standing] of group.entries()) {
      const amountMinor = tieAmount(ties, amounts, i);
      if (amountMinor > 0) prizes.push({ player: standing.player, rank: standing.rank, amountMinor });
    }
    start = end;
  }
  return prizes;
}

function tieAmount(ties: TieRule, amounts: readonly number[], i: number): number {
  if (ties === 'first') return amounts[i] ?? 0;
  if (ties === 'share') return Math.max(...amounts);
  const sum = amounts.reduce((total, amount) => total + amount, 0);
  return Math.floor(sum / amounts.length) + (i < sum % amounts.length ? 1 : 0);
}
