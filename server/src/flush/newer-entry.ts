/** One entry out of two that disagree: what Redis has and what Postgres has, when Postgres knows something that Redis lacks. */
import type { Board } from '@photofinish/shared/domain/board';
import { combine, type Mark } from '@photofinish/shared/domain/entry';
import { isBetterUnit } from '@photofinish/shared/domain/order';
import { type EntryRecord, shownAs } from './dirty-queue.ts';

/** Of each part the newer one: the confirmed score that counts more finals, the newer match, the larger seq of each writer. Within
 *  one match the later tick, since it tells the match's score so far; on an open board that keeps the best, the better one. */
export function newerEntry(board: Board, live: EntryRecord, stored: EntryRecord): EntryRecord {
  const confirming = stored.finals > live.finals ? stored : live;
  const playing = stored.matchKey > live.matchKey ? stored : live;
  const sameMatch = stored.matchKey === live.matchKey;
  const matchEnded = playing.matchEnded || (sameMatch && (stored.matchEnded || live.matchEnded));
  const provisional = sameMatch
    ? newerMark(board, live.provisional, stored.provisional)
    : playing.provisional;
  const entry: EntryRecord = {
    ...live,
    confirmed: confirming.confirmed,
    finals: confirming.finals,
    matchKey: playing.matchKey,
    matchEnded,
    provisional: matchEnded && board.kind === 'match' ? undefined : provisional,
    seqs: largerSeqs(live.seqs, stored.seqs),
  };
  const visible = combine(board, entry.confirmed, entry.provisional);
  // Together they leave the range of scores: the finals stand.
  if (visible === 'overflow') entry.provisional = undefined;
  const shown = visible === 'overflow' ? entry.confirmed : visible;
  return shown ? { ...entry, ...shownAs(shown) } : entry;
}

function newerMark(board: Board, live: Mark | undefined, stored: Mark | undefined): Mark | undefined {
  if (!live || !stored) return live ?? stored;
  if (board.kind === 'open' && board.operator === 'best')
    return isBetterUnit(board.sortOrder, stored, live) ? stored : live;
  return stored.achievedAt > live.achievedAt ? stored : live;
}

/** Packed as `;writer=seq;writer=seq;`. */
function largerSeqs(live: string, stored: string): string {
  const seqs = new Map<string, number>();
  for (const packed of [live, stored])
    for (const part of packed.split(';')) {
      const [writer, seq] = part.split('=');
      if (writer && seq !== undefined) seqs.set(writer, Math.max(seqs.get(writer) ?? 0, Number(seq)));
    }
  const parts = [...seqs].map(([writer, seq]) => `${writer}=${seq}`);
  return parts.length === 0 ? '' : `;${parts.join(';')};`;
}
