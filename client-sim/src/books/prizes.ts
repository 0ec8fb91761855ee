/** The simulator's own computation of who is paid what. */

export interface Band {
  from: number;
  to: number;
  amountMinor: number;
}

export type Ties = 'first' | 'share' | 'split';

export interface Owed {
  player: string;
  rank: number;
  amountMinor: number;
}

/** @param standings players and scores in rank order, whole: rank 1 first
 *  @returns who gets more than nothing, in rank order */
export function owed(
  bands: readonly Band[],
  ties: Ties,
  standings: readonly { player: string; score: number }[],
): Owed[] {
  const placeAmount = (rank: number) =>
    bands.find(({ from, to }) => from <= rank && rank <= to)?.amountMinor ?? 0;
  const all: Owed[] = standings.map(({ player }, i) => ({
    player,
    rank: i + 1,
    amountMinor: placeAmount(i + 1),
  }));
  if (ties !== 'first')
    for (const group of equalScores(standings)) {
      const members = all.slice(group.start, group.end);
      const amounts = members.map((member) => member.amountMinor);
      const pot = amounts.reduce((sum, amount) => sum + amount, 0);
      const each = Math.floor(pot / members.length);
      let odd = pot - each * members.length;
      for (const member of members) {
        member.amountMinor = ties === 'share' ? Math.max(...amounts) : each + (odd-- > 0 ? 1 : 0);
      }
    }
  return all.filter(({ amountMinor }) => amountMinor > 0);
}

function equalScores(standings: readonly { score: number }[]): { start: number; end: number }[] {
  const groups: { start: number; end: number }[] = [];
  for (const [i, { score }] of standings.entries()) {
    const last = groups.at(-1);
    if (last && standings[last.start]?.score === score) last.end = i + 1;
    else groups.push({ start: i, end: i + 1 });
  }
  return groups;
}
