import type { Sql } from '../connection.ts';

/** Waits for flushes under way, which hold the row; those that come later are fenced.
 *  @returns undefined when the season is unknown or has another epoch already */
export async function raiseEpoch(sql: Sql, season: string, from: number): Promise<number | undefined> {
  const [raised] = await sql<{ epoch: number }[]>`
    update seasons set epoch = epoch + 1 where id = ${season} and epoch = ${from} returning epoch`;
  return raised?.epoch;
}
