/** Where each player stood a little while ago, so that a row can say how far it has moved. A step-by-step comparison would
 *  flicker with every push; a look back over a fixed time stays readable. Pure. */

/** How far back a change is counted. Longer smooths more and shows less of what happens now. */
export const TRAIL_MS = 10_000;
/** Samples closer together than this add nothing that a person could see. */
const SAMPLE_MS = 1_000;

interface Standing {
  player: string;
  rank: number;
}

interface Sample {
  at: number;
  ranks: ReadonlyMap<string, number>;
}

/** Oldest first. At most TRAIL_MS / SAMPLE_MS and one that is older. */
export type RankTrail = readonly Sample[];

/** Places gained (positive) or lost (negative); 'new' for a player who was not in the list then. */
export type RankChange = number | 'new';

/** The trail with the view of `at` added. The newest sample older than TRAIL_MS stays: it is what to compare with. */
export function extendTrail(trail: RankTrail, standings: readonly Standing[], at: number): RankTrail {
  const last = trail.at(-1);
  const samples =
    last && at - last.at < SAMPLE_MS
      ? trail
      : [...trail, { at, ranks: new Map(standings.map((s) => [s.player, s.rank])) }];
  let first = 0;
  while ((samples[first + 1]?.at ?? Number.POSITIVE_INFINITY) <= at - TRAIL_MS) first++;
  return first === 0 ? samples : samples.slice(first);
}

/** Changes of the players that moved; the others are left out. */
export function changesSince(
  trail: RankTrail,
  standings: readonly Standing[],
): ReadonlyMap<string, RankChange> {
  const changes = new Map<string, RankChange>();
  // An empty board's first players are all new: saying so on every row would say nothing.
  const before = trail.find((sample) => sample.ranks.size > 0)?.ranks;
  if (!before) return changes;
  for (const { player, rank } of standings) {
    const rankBefore = before.get(player);
    if (rankBefore === undefined) changes.set(player, 'new');
    else if (rankBefore !== rank) changes.set(player, rankBefore - rank);
  }
  return changes;
}
