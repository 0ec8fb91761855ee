/** Baseline: nothing but the places of all standings, on one connection, into a table with the same index. */
import postgres from 'postgres';
import { serve } from '../served.ts';

export const methods = serve({
  async run({
    databaseUrl,
    season,
  }: {
    databaseUrl: string;
    season: string;
  }): Promise<{ ms: number; rows: number }> {
    const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
    await sql`drop table if exists bench_settled`;
    await sql`create table bench_settled (
      season text collate "C" not null, rank integer not null, player text collate "C" not null,
      score bigint not null, achieved_at bigint not null, primary key (season, rank))`;
    const startedAt = performance.now();
    const { count } = await sql`
      insert into bench_settled (season, rank, player, score, achieved_at)
      select season, row_number() over (order by score desc, achieved_at, player collate "C"), player, score, achieved_at
      from standings where season = ${season}`;
    const ms = performance.now() - startedAt;
    await sql`drop table bench_settled`;
    await sql.end({ timeout: 5 });
    return { ms, rows: count };
  },
});

export type RowNumberMethods = typeof methods;
