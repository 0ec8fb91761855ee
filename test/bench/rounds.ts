/** A B, B A, A B, …: the sides of an experiment in turn, so that whatever slows the machine down for a while slows down both, and what one
 *  side leaves behind (a warm cache, a busy disk) meets each of them as often. */
import type { Prepared, Sample, Side } from './experiment.ts';

/** From here on a client is what limits the measurement. */
export const CLIENT_SHARE_MAX = 0.9;

export interface Round {
  samples: Sample[];
  ratio: number;
  /** The client had room in this round, on both sides of the ratio. */
  counts: boolean;
}

export async function playRounds(
  { sides }: Pick<Prepared, 'sides'>,
  rounds: number,
  tell: (round: number, side: string) => void,
): Promise<Round[]> {
  const played: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    const samples: Sample[] = [];
    for (const [i, side] of inTurn(sides, round)) {
      tell(round, side.name);
      samples[i] = await side.measure(round);
    }
    played.push(roundOf(samples));
  }
  return played;
}

/** Each with its place among the sides. */
function inTurn(sides: readonly Side[], round: number): [number, Side][] {
  const forth = [...sides.entries()];
  return round % 2 === 1 ? forth : forth.reverse();
}

export function roundOf(samples: Sample[]): Round {
  const [ours, base] = samples;
  if (!ours || !base) throw new Error('a round takes two sides');
  return { samples, ratio: ours.value / base.value, counts: !isLimited(ours) && !isLimited(base) };
}

/** The client was what limited this measurement. */
export const isLimited = ({ clientShare = 0 }: Sample): boolean => clientShare >= CLIENT_SHARE_MAX;
