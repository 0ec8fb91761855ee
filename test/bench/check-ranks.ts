/** Ranks over the wire: ticks sent one at a time on a season at rest are answered with the place that they take, and with the place that
 *  they leave. Under load a rank is that of a moment that nobody can look at again; scores are held against their ticks there. */
import { openWire } from '../support/wire.ts';
import { type Entry, liveEntries } from './check.ts';
import { WrongResult } from './failure.ts';
import type { Product } from './product.ts';
import { type BenchSeason, flush } from './season.ts';
import type { World } from './world.ts';

/** From the first place to the last. */
const TICKS = 64;

/** @returns the scores that these ticks left, by player */
export async function checkRanks(
  world: World,
  product: Product,
  season: BenchSeason,
): Promise<ReadonlyMap<string, number>> {
  await flush(product, season.id);
  const order = await liveEntries(world, season);
  const wire = await openWire(product.url, await product.token('server', 'ranks'));
  const left = new Map<string, number>();
  try {
    for (let number = 0; number < TICKS; number++) {
      const move = nextMove(order, Math.floor((number * order.length) / TICKS));
      const { player, score } = move;
      const tick = { type: 'tick', board: season.board.id, player, score, seq: number + 1 };
      const { rank, previousRank } = await wire.ok(tick);
      compareRanks(move, { rank, previousRank });
      left.set(player, score);
    }
  } finally {
    wire.close();
  }
  return left;
}

export interface Move {
  player: string;
  score: number;
  rank: number;
  previousRank: number;
}

/** Brings an entry half the way to the first place, to exactly the score of the one that stands there: behind it, because it comes later.
 *  @param order best first; holds the entry at its new place afterwards */
export function nextMove(order: Entry[], at: number): Move {
  const [entry, above] = [order[at], order[at >> 1]];
  if (!entry || !above) throw new Error(`no entry stands at place ${at + 1} of ${order.length}`);
  const score = above.score > entry.score ? above.score : entry.score + 1;
  order.splice(at, 1);
  const behind = order.findIndex((other) => other.score < score);
  const to = behind < 0 ? order.length : behind;
  order.splice(to, 0, { ...entry, score });
  return { player: entry.player, score, rank: to + 1, previousRank: at + 1 };
}

/** @throws WrongResult */
export function compareRanks(move: Move, reply: { rank?: unknown; previousRank?: unknown }): void {
  const { player, score, rank, previousRank } = move;
  if (reply.rank === rank && reply.previousRank === previousRank) return;
  throw new WrongResult(
    `a tick of ${player} with ${score} was answered rank ${reply.rank}, before ${reply.previousRank}; in Redis it goes from ${previousRank} to ${rank}`,
  );
}
