import type { EntryRecord } from '../../flush/dirty-queue.ts';
import type { Sql } from '../connection.ts';

/** One player of a season, as the flusher left it. */
export interface SnapshotRow {
  player: string;
  score: number;
  achievedAt: number;
  confirmed: number | null;
  confirmedAt: number | null;
  finals: number;
  provisional: number | null;
  provisionalAt: number | null;
  matchKey: string;
  matchEnded: boolean;
  seqs: string;
  columnsKey: string;
  confirmedColumnsKey: string;
  provisionalColumnsKey: string;
  metadata: string | null;
  confirmedMetadata: string | null;
  provisionalMetadata: string | null;
  bucket: string | null;
}

/** One player of a season, as the finals made it. */
export interface StandingRow {
  player: string;
  score: number;
  achievedAt: number;
  finals: number;
  matchKey: string;
  columnsKey: string;
  metadata: string | null;
  bucket: string | null;
}

/** What a row is read with. */
export const snapshotColumns = (sql: Sql) => sql`
  player, score, achieved_at as "achievedAt", confirmed, confirmed_at as "confirmedAt", finals,
  provisional, provisional_at as "provisionalAt", match_key as "matchKey", match_ended as "matchEnded", seqs,
  columns_key as "columnsKey", confirmed_columns_key as "confirmedColumnsKey",
  provisional_columns_key as "provisionalColumnsKey", metadata, confirmed_metadata as "confirmedMetadata",
  provisional_metadata as "provisionalMetadata", bucket`;

export const standingColumns = (sql: Sql) => sql`
  player, score, achieved_at as "achievedAt", finals, match_key as "matchKey", columns_key as "columnsKey", metadata, bucket`;

/** At least one of the three is there. */
export interface StoredEntry {
  player: string;
  snapshot: SnapshotRow | undefined;
  standing: StandingRow | undefined;
  /** What the snapshot refused, where that is newer than what it has. */
  parked?: EntryRecord;
}

export interface LoadPage {
  season: string;
  /** '' for the first page. */
  after: string;
  limit: number;
}

/** The next players after `after`, in key order; empty at the end. By keys and not by a cursor, so that no transaction and no
 *  connection is held while the other side is being filled; entries do not depend on each other, so pages need not be of one
 *  moment. Merged here and not by a join, which a planner without fresh statistics turned into two seconds per page. */
export async function loadEntries(sql: Sql, { season, after, limit }: LoadPage): Promise<StoredEntry[]> {
  const [snapshot, standings, parked] = await Promise.all([
    sql<SnapshotRow[]>`
      select ${snapshotColumns(sql)} from snapshot_entries where season = ${season} and player > ${after}
      order by season, player limit ${limit}`,
    sql<StandingRow[]>`
      select ${standingColumns(sql)} from standings where season = ${season} and player > ${after}
      order by season, player limit ${limit}`,
    sql<{ record: EntryRecord }[]>`
      select f.record from flush_failures f
      left join snapshot_entries e on e.season = f.season and e.player = f.player
      where f.season = ${season} and f.player > ${after}
        and (e.player is null or (f.epoch, f.rev) > (e.epoch, e.rev))
      order by f.season, f.player limit ${limit}`,
  ]);
  const entries = mergeByPlayer(snapshot, standings);
  return withParked(
    entries,
    parked.map(({ record }) => record),
  ).slice(0, limit);
}

/** The first `limit` of the result are whole: whoever is missing from a full page of one side comes after all of it. */
export function mergeByPlayer(
  snapshot: readonly SnapshotRow[],
  standings: readonly StandingRow[],
): StoredEntry[] {
  const entries: StoredEntry[] = [];
  let i = 0;
  let j = 0;
  while (i < snapshot.length || j < standings.length) {
    const [left, right] = [snapshot[i], standings[j]];
    const player = !right || (left && left.player < right.player) ? left?.player : right.player;
    if (player === undefined) break;
    const entry: StoredEntry = { player, snapshot: undefined, standing: undefined };
    if (left?.player === player) {
      entry.snapshot = left;
      i += 1;
    }
    if (right?.player === player) {
      entry.standing = right;
      j += 1;
    }
    entries.push(entry);
  }
  return entries;
}

/** Seldom has anything to do. */
function withParked(entries: StoredEntry[], parked: readonly EntryRecord[]): StoredEntry[] {
  if (parked.length === 0) return entries;
  const of = new Map(entries.map((entry) => [entry.player, entry]));
  for (const record of parked) {
    const { player } = record;
    of.set(player, {
      ...(of.get(player) ?? { player, snapshot: undefined, standing: undefined }),
      parked: record,
    });
  }
  return [...of.values()].sort((a, b) => (a.player < b.player ? -1 : 1));
}
