import type { Sql } from '../connection.ts';

/** When the oldest score that a snapshot has of the player was reached; undefined when no season has an entry. One look by key into each
 *  season: the `limit` keeps the planner from reading them whole. */
export async function firstEntryAt(sql: Sql, player: string): Promise<number | undefined> {
  const [found] = await sql<{ at: number | null }[]>`
    select coalesce(min(nullif(entry.achieved_at, 0)), min(entry.updated_at)) as at
    from seasons cross join lateral (
      select achieved_at, updated_at from snapshot_entries
      where season = seasons.id and player = ${player} limit 1) as entry`;
  return found?.at ?? undefined;
}
