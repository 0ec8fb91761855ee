/** Fast and wrong fails: what was acknowledged must stand in Redis and in Postgres, all of it, and nothing else. */

import { seasonKeys } from '../../server/src/redis/keys.ts';
import { entryOfMember } from '../../server/src/redis/rank-member.ts';
import { WrongResult } from './failure.ts';
import type { BenchSeason } from './season.ts';
import type { World } from './world.ts';

export interface Entry {
  player: string;
  score: number;
  achievedAt: number;
}

/** Entries in one read. */
const PAGE = 20_000;

/** In the order in which Redis ranks them. */
export async function liveEntries(world: World, season: BenchSeason): Promise<Entry[]> {
  const { rank } = seasonKeys(season);
  const entries: Entry[] = [];
  for (let first = 0; ; first += PAGE) {
    const reply = (await world.redis.call(
      'ZRANGE',
      rank,
      first,
      first + PAGE - 1,
      'WITHSCORES',
    )) as unknown[];
    const flat = reply.flat();
    for (let i = 0; i + 1 < flat.length; i += 2)
      entries.push(entryOfMember(season.board, String(flat[i]), Number(flat[i + 1])));
    if (flat.length < 2 * PAGE) return entries;
  }
}

/** In the total order, as Postgres sorts. */
export async function storedEntries(world: World, season: BenchSeason): Promise<Entry[]> {
  const { sql } = world;
  const best = season.board.sortOrder === 'desc' ? sql`score desc` : sql`score asc`;
  const rows = await sql<{ player: string; score: string; achieved_at: string }[]>`
    select player, score, achieved_at from snapshot_entries where season = ${season.id}
    order by ${best}, achieved_at, player collate "C"`;
  return rows.map((row) => ({
    player: row.player,
    score: Number(row.score),
    achievedAt: Number(row.achieved_at),
  }));
}

/** Both stores hold exactly these scores, at the same places. The season must have been flushed. @returns entries compared */
export async function checkSeason(
  world: World,
  season: BenchSeason,
  acked: ReadonlyMap<string, number>,
): Promise<number> {
  compareEntries(acked, await liveEntries(world, season), await storedEntries(world, season));
  return acked.size;
}

/** @throws WrongResult with how much is wrong, and the first of it */
export function compareEntries(
  acked: ReadonlyMap<string, number>,
  live: readonly Entry[],
  stored: readonly Entry[],
): void {
  const [inRedis, inPostgres] = [byPlayer(live), byPlayer(stored)];
  const wrong = [...acked].filter(
    ([player, score]) => inRedis.get(player)?.score !== score || inPostgres.get(player)?.score !== score,
  );
  const [first] = wrong;
  if (first) {
    const [player, score] = first;
    const told = (entry: Entry | undefined) => (entry ? String(entry.score) : 'no entry');
    throw new WrongResult(
      `${wrong.length} of ${acked.size} acknowledged scores are wrong; ${player} was acknowledged ${score}, ` +
        `Redis has ${told(inRedis.get(player))}, Postgres ${told(inPostgres.get(player))}`,
    );
  }
  if (live.length !== acked.size || stored.length !== acked.size)
    throw new WrongResult(
      `${acked.size} players were acknowledged; Redis ranks ${live.length}, Postgres holds ${stored.length}`,
    );
  const at = live.findIndex(
    (entry, i) => entry.player !== stored[i]?.player || entry.achievedAt !== stored[i]?.achievedAt,
  );
  if (at >= 0)
    throw new WrongResult(
      `place ${at + 1}: Redis has ${JSON.stringify(live[at])}, Postgres ${JSON.stringify(stored[at])}`,
    );
}

const byPlayer = (entries: readonly Entry[]): Map<string, Entry> =>
  new Map(entries.map((entry) => [entry.player, entry]));
