/** An entry as it must be in Redis, out of what the flusher and the finals left in Postgres. */
import type { Board } from '@photofinish/shared/domain/board';
import { combine, type Mark } from '@photofinish/shared/domain/entry';
import type { EntryRecord } from '../flush/dirty-queue.ts';
import type { SnapshotRow, StoredEntry } from './queries/load-entries.ts';

const markOf = (score: number | null, achievedAt: number | null): Mark | undefined =>
  score === null || achievedAt === null ? undefined : { score, achievedAt };

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
    record.confirmed = { score: standing.score, achievedAt: standing.achievedAt };
    record.finals = standing.finals;
  }
  if (standing && standing.matchKey >= record.matchKey) {
    record.matchKey = standing.matchKey;
    record.matchEnded = true;
    record.provisional = undefined;
  }
  const visible = combine(board, record.confirmed, record.provisional);
  if (visible === 'overflow') record.provisional = undefined;
  const shown = visible === 'overflow' ? record.confirmed : visible;
  if (shown) {
    record.score = shown.score;
    record.achievedAt = shown.achievedAt;
  }
  return { record, changed: !parked && (!snapshot || !isSame(snapshot, record)) };
}

const snapshotRecord = (row: SnapshotRow): EntryRecord => ({
  player: row.player,
  rev: 0,
  score: row.score,
  achievedAt: row.achievedAt,
  confirmed: markOf(row.confirmed, row.confirmedAt),
  finals: row.finals,
  matchKey: row.matchKey,
  matchEnded: row.matchEnded,
  provisional: markOf(row.provisional, row.provisionalAt),
  seqs: row.seqs,
});

const sameMark = (a: Mark | undefined, b: Mark | undefined): boolean =>
  a?.score === b?.score && a?.achievedAt === b?.achievedAt;

const isSame = (a: EntryRecord, b: EntryRecord): boolean =>
  a.score === b.score &&
  a.achievedAt === b.achievedAt &&
  a.finals === b.finals &&
  a.matchKey === b.matchKey &&
  a.matchEnded === b.matchEnded &&
  sameMark(a.confirmed, b.confirmed) &&
  sameMark(a.provisional, b.provisional);
