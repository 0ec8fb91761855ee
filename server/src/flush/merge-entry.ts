/** One entry out of what Postgres has and what Redis has, in a life of the season that went back in time or has drifted. Either may be the newer one: Redis
 *  lacks what it lost, Postgres what was not flushed. */
import type { Board } from '@photofinish/shared/domain/board';
import { combine, type Mark } from '@photofinish/shared/domain/entry';
import { isBetterUnit, isSameUnit } from '@photofinish/shared/domain/order';
import { type EntryRecord, shownAs } from './dirty-queue.ts';

type Rules = Pick<Board, 'kind' | 'operator' | 'sortOrder' | 'entryMetadata'>;

/** The `rev` of an entry that a new life begins with and Postgres does not have: its first version. Loaded entries have 0. */
export const UNFLUSHED = 1;

/** `left` in the order of `stored`. */
export const mergeEntries = (
  rules: Rules,
  stored: readonly EntryRecord[],
  left: readonly (EntryRecord | undefined)[],
): EntryRecord[] => stored.map((record, i) => mergeEntry(rules, record, left[i]));

/** confirmed: of more finals. The match: the newer one, ended where either says so. Ticks of the same match: whoever has seen all that
 *  the other has; else the better score where the best is kept, and the later word elsewhere. What neither way has, redo brings. */
export function mergeEntry(rules: Rules, stored: EntryRecord, left: EntryRecord | undefined): EntryRecord {
  if (!left) return stored;
  const confirming = left.finals > stored.finals ? left : stored;
  const playing = newerTicks(rules, stored, left);
  const ended =
    playing.matchEnded || (stored.matchKey === left.matchKey && (stored.matchEnded || left.matchEnded));
  const merged: EntryRecord = {
    ...playing,
    confirmed: confirming.confirmed,
    finals: confirming.finals,
    matchEnded: ended,
    provisional: ended ? undefined : playing.provisional,
    bucket: stored.bucket ?? left.bucket,
  };
  const visible = combine(rules, merged.confirmed, merged.provisional);
  // Together they leave the range of scores: the final stands.
  const shown = visible === 'overflow' ? merged.confirmed : visible;
  if (visible === 'overflow') merged.provisional = undefined;
  if (shown) Object.assign(merged, shownAs(shown));
  return { ...merged, rev: says(merged) === says(stored) ? 0 : UNFLUSHED };
}

function newerTicks(rules: Rules, stored: EntryRecord, left: EntryRecord): EntryRecord {
  if (stored.matchKey !== left.matchKey) return stored.matchKey > left.matchKey ? stored : left;
  const [a, b] = [stored.provisional, left.provisional];
  if (!b) return stored;
  if (!a) return left;
  if (rules.kind === 'open' && rules.operator === 'best') {
    if (isSameUnit(a, b)) return b.achievedAt < a.achievedAt ? left : stored;
    return isBetterUnit(rules.sortOrder, b, a) ? left : stored;
  }
  const [storedSawAll, leftSawAll] = [sawAll(stored, left), sawAll(left, stored)];
  if (storedSawAll !== leftSawAll) return storedSawAll ? stored : left;
  return b.achievedAt > a.achievedAt ? left : stored;
}

/** Whether `one` has every writer's seq that `other` has, or a later one. */
function sawAll(one: EntryRecord, other: EntryRecord): boolean {
  const seen = seqsOf(one);
  for (const [writer, seq] of seqsOf(other)) if ((seen.get(writer) ?? 0) < seq) return false;
  return true;
}

/** Of `;writer=seq;writer=seq;`. */
function seqsOf({ seqs }: EntryRecord): Map<string, number> {
  const pairs = seqs.split(';').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair): [string, number] => {
      const at = pair.lastIndexOf('=');
      return [pair.slice(0, at), Number(pair.slice(at + 1))];
    }),
  );
}

const says = (entry: EntryRecord): string =>
  JSON.stringify([
    ...[markSays(entry), markSays(entry.confirmed), entry.finals, entry.matchKey, entry.matchEnded],
    ...[markSays(entry.provisional), entry.seqs, entry.bucket],
  ]);

const markSays = (mark: Mark | undefined) =>
  mark && [mark.score, mark.achievedAt, mark.columnsKey, mark.metadata];
