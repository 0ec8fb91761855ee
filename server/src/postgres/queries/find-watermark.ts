import type { Watermark } from '../../flush/snapshot-store.ts';
import type { Sql } from '../connection.ts';

export async function findWatermark(sql: Sql, season: string): Promise<Watermark | undefined> {
  const [row] = await sql<Watermark[]>`select epoch, version, at from watermarks where season = ${season}`;
  return row;
}
