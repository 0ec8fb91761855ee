/** Every acknowledged final is stored once with its score, counts in its player's standing, and shows in the live season. */
import { compareEntries, liveEntries } from './check.ts';
import { finalScore } from './client/final-lane.ts';
import { WrongResult } from './failure.ts';
import { playerId } from './players.ts';
import type { Product } from './product.ts';
import { type BenchSeason, flush } from './season.ts';
import type { World } from './world.ts';

export async function checkFinals(
  world: World,
  product: Product,
  { season, acked }: { season: BenchSeason; acked: readonly { match: string; player: number }[] },
): Promise<number> {
  const { sql } = world;
  const rows = await sql<{ match: string; player: string; score: string }[]>`
    select match, player, score from final_scores where season = ${season.id}`;
  const stored = new Map(rows.map((row) => [`${row.match} ${row.player}`, Number(row.score)]));
  const best = new Map<string, number>();
  for (const { match, player } of acked) {
    const [id, score] = [playerId(player), finalScore(match, player)];
    const found = stored.get(`${match} ${id}`);
    if (found !== score)
      throw new WrongResult(
        `the final of ${id} in match ${match} was acknowledged ${score}; Postgres has ${found ?? 'none'}`,
      );
    best.set(id, Math.max(best.get(id) ?? 0, score));
  }
  if (stored.size !== acked.length)
    throw new WrongResult(`${acked.length} finals were acknowledged, and Postgres has ${stored.size}`);
  await flush(product, season.id);
  const standings = await sql<{ player: string; score: string; achieved_at: string }[]>`
    select player, score, achieved_at from standings where season = ${season.id}
    order by score desc, achieved_at, player collate "C"`;
  compareEntries(
    best,
    await liveEntries(world, season),
    standings.map((row) => ({
      player: row.player,
      score: Number(row.score),
      achievedAt: Number(row.achieved_at),
    })),
  );
  return acked.length;
}
