/** The table of the baselines that upsert one row at a time, filled with the bench's players. */
import { playerId } from './players.ts';
import type { World } from './world.ts';

export async function createScores({ sql }: World, players: number): Promise<void> {
  await sql`drop table if exists bench_scores`;
  await sql`create table bench_scores (player text collate "C" primary key, score bigint not null)`;
  const prefix = playerId(0).slice(0, -9);
  await sql`
    insert into bench_scores (player, score)
    select ${prefix}::text || lpad(n::text, 9, '0'), (n * 7919) % 1000003
    from generate_series(0, ${players - 1}::integer) as n`;
  await sql`analyze bench_scores`;
}
