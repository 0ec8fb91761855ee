/** An entry as it must be in Redis, out of what the flusher and the finals left in Postgres. */
import type { Board } from '@photofinish/shared/domain/board';
import { combine, type Mark } from '@photofinish/shared/domain/entry';
import type { EntryRecord } from '../flush/dirty-queue.ts';
import type { StoredEntry } from './queries/load-entries.ts';

const markOf = (score: number | null, achievedAt: number | null): Mark | undefined =>
  score === null || achievedAt === null ? undefined : { score, achievedAt };

export interface MergedEntry {
  record: EntryRecord;
  /** The snapshot says something else. */
  changed: boolean;
}

/** Finals reach Redis after their commit, and the snapshot after that. When Redis loses its memory in between, the snapshot
 *    - has an older confirmed score: the standing's is taken, since it counts at least as many finals;
 *    - still has ticks of a match that has a final by now: they are dropped, or a `sum` would count that match twice. */
export function mergedEntry(board: Board, row: StoredEntry): MergedEntry {
  const snapshot = row.score === null ? undefined : snapshotRecord(row, row.score);
  const standing = markOf(row.standing, row.standing_at);
  const record: EntryRecord = snapshot
    ? { ...snapshot }
    : {
        ...{ player: row.player, rev: 0, score: 0, achievedAt: 0, confirmed: undefined, finals: 0 },
        ...{ matchKey: '', matchEnded: false, provisional: undefined, seqs: '' },
      };
  if (standing && row.standing_finals >= record.finals) {
    record.confirmed = standing;
    record.finals = row.standing_finals;
  }
  if (standing && row.standing_match_key >= record.matchKey) {
    record.matchKey = row.standing_match_key;
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
  return { record, changed: !snapshot || !isSame(snapshot, record) };
}

const snapshotRecord = (row: StoredEntry, score: number): EntryRecord => ({
  player: row.player,
  rev: 0,
  score,
  achievedAt: row.achieved_at,
  confirmed: markOf(row.confirmed, row.confirmed_at),
  finals: row.finals,
  matchKey: row.match_key,
  matchEnded: row.match_ended,
  provisional: markOf(row.provisional, row.provisional_at),
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
