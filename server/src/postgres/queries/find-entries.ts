import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import {
  mergeByPlayer,
  type SnapshotRow,
  type StandingRow,
  type StoredEntry,
  snapshotColumns,
  standingColumns,
} from './load-entries.ts';

/** These players of a season, as the snapshot has them and as finals have them, in key order; those that neither has are left out. */
export async function findEntries(
  sql: Sql,
  of: { season: string; players: readonly string[] },
): Promise<StoredEntry[]> {
  const { season } = of;
  const players = textArray(of.players);
  const [snapshot, standings] = await Promise.all([
    sql<SnapshotRow[]>`
      select ${snapshotColumns(sql)} from snapshot_entries where season = ${season} and player = any(${players}::text[])
      order by player`,
    sql<StandingRow[]>`
      select ${standingColumns(sql)} from standings where season = ${season} and player = any(${players}::text[])
      order by player`,
  ]);
  return mergeByPlayer(snapshot, standings);
}
