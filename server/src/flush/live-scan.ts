/** Port: the live entries as reconciling reads and rights them. Implemented by redis/. */
import type { Cold, LiveSeason, Position } from '../board/live-board.ts';
import type { EntryRecord } from './dirty-queue.ts';

export interface ScannedEntry {
  record: EntryRecord;
  /** It does not stand in the ranking as its record says. */
  misplaced: boolean;
}

export type ScanPage =
  | Cold
  | ({
      kind: 'ok';
      /** '0' after the last page. */
      cursor: string;
      /** Sizes of the whole season: records, and members of its ranking. */
      entries: number;
      ranked: number;
      /** Entries of this page that are dirty or claimed: a flush has yet to write them. */
      leftOut: number;
      /** The others: what Postgres must have, as it stands here. */
      clean: ScannedEntry[];
    } & Position);

/** What Postgres had of a player: the live entry must not be behind it. */
export interface LeastEntry {
  player: string;
  rev: number;
  finals: number;
}

export interface BehindEntry {
  player: string;
  behind: 'rev' | 'finals' | 'both';
  /** As it stands now; undefined when there is none. */
  record: EntryRecord | undefined;
}

export interface Healing {
  /** What it must be; its `rev` is given anew. */
  record: EntryRecord;
  /** The rev that was seen; undefined for no entry. With another one the entry is left alone. */
  seen: number | undefined;
}

export interface LiveScan {
  /** Starts at cursor '0'; may repeat an entry, misses none that stays. Marks and records are of one moment. */
  scan(season: LiveSeason, cursor: string, count: number): Promise<ScanPage>;
  /** Those of the players that are behind; none when the epoch is another one. */
  behind(
    season: LiveSeason,
    epoch: number,
    players: readonly LeastEntry[],
  ): Promise<Cold | { kind: 'ok'; epoch: number; entries: BehindEntry[] }>;
  /** Sets entries and marks them dirty, with a version past `floor`. @returns how many; 0 when the epoch is another one */
  heal(
    season: LiveSeason,
    as: { epoch: number; now: number; floor: number },
    entries: readonly Healing[],
  ): Promise<number>;
  /** Takes members out of the ranking that no record stands behind. @returns how many */
  prune(season: LiveSeason): Promise<number>;
}
