/** An entry as it must be in Redis, out of what the flusher and the finals left in Postgres. */
import type { Board } from '@photofinish/shared/domain/board';
import { combine, type Mark } from '@photofinish/shared/domain/entry';
import { type EntryRecord, shownAs } from '../flush/dirty-queue.ts';
import type { SnapshotRow, StoredEntry } from './queries/load-entries.ts';
import { markOf, type StoredMark } from './stored-mark.ts';

const markIfAny = (
  score: number | null,
  achievedAt: number | null,
  unit: Pick<StoredMark, 'columnsKey' | 'metadata'>,
): Mark | undefined =>
  score === null || achievedAt === null ? undefined : markOf({ score, achievedAt, ...unit });

export interface MergedEntry {
  record: EntryRecord;
  /** The snapshot says something else, and should be told. It is not told a parked entry, which it has just refused. */
  changed: boolean;
}

/** Finals reach Redis after their commit, and the snapshot after that. When Redis loses its memory in between, the snapshot
 *    - has an older confirmed score: the standing's is taken, since it counts at least as many finals;
 *    - still has ticks of a match that has a final by now: they are dropped, or a `sum` would count that match twice.
 *  A parked entry is newer than the snapshot's and takes its place: it was acknowledged. */
export function mergedEntry(board: Board, stored: StoredEntry): MergedEntry {
  const { player, snapshot: row, standing, parked } = stored;
  const snapshot = parked ? { ...parked, rev: 0 } : row && snapshotRecord(row);
  const record: EntryRecord = snapshot
    ? { ...snapshot }
    : {
        ...{ player, rev: 0, score: 0, achievedAt: 0, confirmed: undefined, finals: 0 },
        ...{ matchKey: '', matchEnded: false, provisional: undefined, seqs: '' },
      };
  if (standing && standing.finals >= record.finals) {
    record.confirmed = markOf(standing);
    record.finals = standing.finals;
  }
  if (standing && standing.matchKey >= record.matchKey) {
    record.matchKey = standing.matchKey;
    record.matchEnded = true;
    record.provisional = undefined;
  }
  // Where Redis never made the entry, or lost it with the bucket.
  if (standing?.bucket) record.bucket ??= standing.bucket;
  const visible = combine(board, record.confirmed, record.provisional);
  if (visible === 'overflow') record.provisional = undefined;
  const shown = visible === 'overflow' ? record.confirmed : visible;
  if (shown) Object.assign(record, shownAs(shown));
  return { record, changed: !parked && (!snapshot || !isSame(snapshot, record)) };
}

const snapshotRecord = (row: SnapshotRow): EntryRecord => ({
  player: row.player,
  rev: 0,
  score: row.score,
  achievedAt: row.achievedAt,
  columnsKey: row.columnsKey || undefined,
  metadata: row.metadata ?? undefined,
  confirmed: markIfAny(row.confirmed, row.confirmedAt, {
    columnsKey: row.confirmedColumnsKey,
    metadata: row.confirmedMetadata,
  }),
  finals: row.finals,
  matchKey: row.matchKey,
  matchEnded: row.matchEnded,
  provisional: markIfAny(row.provisional, row.provisionalAt, {
    columnsKey: row.provisionalColumnsKey,
    metadata: row.provisionalMetadata,
  }),
  seqs: row.seqs,
  bucket: row.bucket ?? undefined,
});

const sameMark = (a: Mark | undefined, b: Mark | undefined): boolean =>
  a?.score === b?.score &&
  a?.achievedAt === b?.achievedAt &&
  a?.columnsKey === b?.columnsKey &&
  a?.metadata === b?.metadata;

const isSame = (a: EntryRecord, b: EntryRecord): boolean =>
  sameMark(a, b) &&
  a.finals === b.finals &&
  a.matchKey === b.matchKey &&
  a.matchEnded === b.matchEnded &&
  sameMark(a.confirmed, b.confirmed) &&
  sameMark(a.provisional, b.provisional);
