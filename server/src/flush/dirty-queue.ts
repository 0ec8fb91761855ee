/** Port: which entries changed since they were last committed. Implemented by redis/.
 *
 *  Invariant: every acked change is dirty, or claimed, or committed. `claim` moves the whole dirty set aside in one atomic
 *  step; entries leave the claim only by `ack`, and ack follows commit. A crash repeats a write and never skips one. */
import type { Mark } from '@photofinish/shared/domain/entry';
import type { OrderKey } from '@photofinish/shared/domain/order';
import type { Cold, LiveSeason, Position } from '../board/live-board.ts';

/** One entry as Redis holds it, to be written to the snapshot. */
export interface EntryRecord extends OrderKey {
  /** The season's version at the entry's last change: the larger one is newer within an epoch. */
  rev: number;
  /** Of `confirmed` or `provisional`, as the board's rules say; score, columns and time are those of the two combined. */
  metadata?: string | undefined;
  confirmed: Mark | undefined;
  /** How many finals `confirmed` is made of. */
  finals: number;
  matchKey: string;
  matchEnded: boolean;
  provisional: Mark | undefined;
  /** Last seq of each writer, packed as `;writer=seq;`; opaque to the flusher. */
  seqs: string;
  /** On boards with buckets. */
  bucket?: string | undefined;
  /** Kept, and stands in no ranking. */
  hidden?: boolean | undefined;
}

/** An entry without any score: an abandoned match took the only one. It is kept for its seqs and its ended match, and stands in no ranking. */
export const isVacant = ({
  confirmed,
  provisional,
}: Pick<EntryRecord, 'confirmed' | 'provisional'>): boolean =>
  confirmed === undefined && provisional === undefined;

/** What an entry shows of its marks combined. */
export const shownAs = ({ score, achievedAt, columnsKey, metadata }: Mark) => ({
  score,
  achievedAt,
  columnsKey,
  metadata,
});

/** Names one claim. `ack` of any other claim must change nothing, or this interleaving loses a mark:
 *    1. flusher B reads player p at rev 1, then stalls
 *    2. flusher A writes and acks the whole claim; p changes to rev 2, and A claims again
 *    3. B wakes, writes rev 1 (refused by the guard) and acks p        <- would take p's new mark away */
export interface ClaimId {
  epoch: number;
  /** Grows by one with each completed claim of the epoch. */
  flushNo: number;
}

export type ClaimResult =
  /** `aside`: its entries wait to be merged in the next build, and some may never have been flushed. */
  | (Cold & { aside?: boolean })
  /** `version`: all changes up to it are committed once this claim is. `players` 0: nothing is dirty. */
  | ({ kind: 'ok'; claim: ClaimId; players: number; dirtySince: number | undefined } & Position);

export interface ClaimPage {
  records: EntryRecord[];
  /** '0' after the last page. */
  cursor: string;
}

export interface DirtyQueue {
  /** Takes over a claim that a crashed flusher left, else claims what is dirty now. */
  claim(season: LiveSeason): Promise<ClaimResult>;
  /** Pages through the claim; starts at cursor '0'; may repeat an entry, never misses one that stays claimed. */
  page(season: LiveSeason, cursor: string, count: number): Promise<ClaimPage>;
  /** Forgets committed entries of this claim; a claim that is over, or of another epoch, is left alone. `done` with the last
   *  page: the claim is over, and flushNo grows. */
  ack(season: LiveSeason, claim: ClaimId, players: readonly string[], done: boolean): Promise<void>;
  /** Marks entries dirty that were acked without having been written. Players without an entry are not marked. */
  markDirty(
    season: LiveSeason,
    players: readonly string[],
    now: number,
  ): Promise<Cold | { kind: 'ok'; marked: number }>;
  /** One flusher per season at a time: efficiency only, never safety. True while `owner` holds it. Whoever asks counts for a while
   *  among those that look after the season; seasons are spread over them, and a holder that should not have it gives it up here. */
  lease(season: LiveSeason, owner: string, ttlMs: number): Promise<boolean>;
  release(season: LiveSeason, owner: string): Promise<void>;
}
