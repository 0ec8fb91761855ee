import type { PendingFinal } from '../../board/finals-store.ts';
import type { Sql } from '../connection.ts';
import { markOf, type StoredMark } from '../stored-mark.ts';

type Row = Omit<PendingFinal, 'confirmed' | 'bucket'> &
  Omit<StoredMark, 'score'> & { standing: number; bucket: string | null };

/** Accepted before `before` and not known to be in Redis, oldest first, each with the player's standing as it is now. */
export async function pendingFinals(sql: Sql, before: number, limit: number): Promise<PendingFinal[]> {
  const rows = await sql<Row[]>`
    select f.season, f.match, m.started_at as "matchStartedAt", f.player, f.score,
      s.score as standing, s.achieved_at as "achievedAt", s.finals, s.columns_key as "columnsKey", s.metadata, s.bucket
    from final_scores f
    join matches m on m.id = f.match
    join standings s on s.season = f.season and s.player = f.player
    where f.live_at is null and f.accepted_at < ${before}
    order by f.accepted_at, f.season, f.match, f.player
    limit ${limit}`;
  return rows.map(({ standing, achievedAt, columnsKey, metadata, bucket, ...final }) => ({
    ...final,
    bucket: bucket ?? undefined,
    confirmed: markOf({ score: standing, achievedAt, columnsKey, metadata }),
  }));
}
