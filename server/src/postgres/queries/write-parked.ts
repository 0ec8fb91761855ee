import type { Sql } from '../connection.ts';
import { holdParked } from './find-parked.ts';
import { upsertEntries } from './write-snapshot.ts';

/** Belongs in a transaction. Of a season that is not in memory: the parked record is all that there is. It is written as of the epoch in
 *  which it was parked, so that `(epoch, rev)` keeps whatever is newer. The season's row makes `raiseEpoch` wait: a rebuild sees the row
 *  either parked or written. */
export async function writeParked(sql: Sql, season: string, player: string): Promise<void> {
  await sql`select 1 from seasons where id = ${season} for share`;
  const parked = await holdParked(sql, season, player);
  if (!parked) return;
  await upsertEntries(sql, { season, epoch: parked.epoch }, [parked.record]);
  await sql`delete from flush_failures where season = ${season} and player = ${player}`;
}
