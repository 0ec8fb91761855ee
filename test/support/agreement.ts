/** The checker that runs after integration and fault tests: live entries and the Postgres snapshot are the same, in the same order,
 *  and confirmed scores are what the finals say. */
import postgres from 'postgres';
import { expect } from 'vitest';
import { call, must } from './admin.ts';
import { until } from './condition.ts';
import type { ServerProcess } from './server.ts';

export interface SnapshotRow {
  player: string;
  score: number;
  achievedAt: number;
  confirmed: number | null;
}

export async function snapshotRows(databaseUrl: string, season: string, sortOrder: 'desc' | 'asc' = 'desc') {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const rows = await sql<
      { player: string; score: string; achieved_at: string; confirmed: string | null }[]
    >`
      select player, score, achieved_at, confirmed from snapshot_entries where season = ${season} and (confirmed is not null or provisional is not null)
      order by ${sortOrder === 'desc' ? sql`score desc` : sql`score asc`}, columns_key, achieved_at, player collate "C"`;
    return rows.map((row) => ({
      player: row.player,
      score: Number(row.score),
      achievedAt: Number(row.achieved_at),
      confirmed: row.confirmed === null ? null : Number(row.confirmed),
    }));
  } finally {
    await sql.end();
  }
}

/** Flushes the season, then compares. Seasons of up to 1,000 entries. */
export async function assertAgreement(server: ServerProcess, board: string, season: string): Promise<void> {
  // After a fault the database may still be counted as out of reach for a moment.
  await until(
    'the flush',
    async () => (await call(server, 'POST', `/v1/admin/seasons/${season}/flush`)).status < 300,
  );
  const { sortOrder } = await must(server, 'GET', `/v1/boards/${board}`);
  await until(
    'nothing dirty',
    async () => (await must(server, 'GET', `/v1/seasons/${season}/window`)).dirty === 0,
  );
  const live = await must(server, 'GET', `/v1/boards/${board}/top?limit=1000&season=${season}`);
  const rows = await snapshotRows(server.databaseUrl, season, sortOrder);
  expect(rows.map(({ player, score, achievedAt }) => ({ player, score, achievedAt }))).toEqual(
    live.entries.map((entry: SnapshotRow) => ({
      player: entry.player,
      score: entry.score,
      achievedAt: entry.achievedAt,
    })),
  );
}
