import type { Sql } from '../connection.ts';
import { seasonNotFound } from '../missing.ts';

/** @throws Fault SEASON_NOT_FOUND */
export async function findEpoch(sql: Sql, season: string): Promise<number> {
  const [row] = await sql<{ epoch: number }[]>`select epoch from seasons where id = ${season}`;
  if (!row) throw seasonNotFound(season);
  return row.epoch;
}
