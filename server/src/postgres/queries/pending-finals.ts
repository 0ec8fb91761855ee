import type { PendingFinal, PendingFinals } from '../../board/finals-store.ts';
import type { Sql } from '../connection.ts';
import { markOf, type StoredMark } from '../stored-mark.ts';

type Row = Omit<PendingFinal, 'confirmed' | 'bucket'> &
  Omit<StoredMark, 'score'> & { standing: number; bucket: string | null };

/** Accepted before `before` and not known to be in Redis, oldest first: whole transactions, each final with the player's standing as it is
 *  now. Of one that nothing is left of there are no finals. */
export async function pendingFinals(sql: Sql, before: number, limit: number): Promise<PendingFinals[]> {
  const rows = await sql<(Row & { pending: string; there: boolean })[]>`
    select p.id as pending, s.player is not null as there, f.season, f.match, m.started_at as "matchStartedAt", f.player, f.score,
      s.score as standing, s.achieved_at as "achievedAt", s.finals, s.columns_key as "columnsKey", s.metadata, s.bucket
    from (
      select id, at, seasons, matches, players from pending_finals where at < ${before} order by at, id limit ${limit}
    ) as p
    cross join lateral unnest(p.seasons, p.matches, p.players) with ordinality as named (season, match, player, place)
    left join final_scores f on f.season = named.season and f.match = named.match and f.player = named.player
    left join matches m on m.id = f.match
    left join standings s on s.season = f.season and s.player = f.player
    order by p.at, p.id, named.place`;
  const found = new Map<string, PendingFinal[]>();
  for (const { pending, there, standing, achievedAt, columnsKey, metadata, bucket, ...final } of rows) {
    const finals = found.get(pending) ?? [];
    found.set(pending, finals);
    const confirmed = markOf({ score: standing, achievedAt, columnsKey, metadata });
    if (there) finals.push({ ...final, bucket: bucket ?? undefined, confirmed });
  }
  return [...found].map(([id, finals]) => ({ id, finals }));
}
