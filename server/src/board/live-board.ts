/** Port: the live entries of a season, ranked at once. Implemented by redis/.
 *
 *  Every operation is one atomic step, and answers `cold` when the season is not in memory: the caller then
 *  warms it (flush/rebuild.ts) and asks again. Nothing is ever answered from a half-built season. */
import type { Board } from '@photofinish/shared/domain/board';
import type { Mark } from '@photofinish/shared/domain/entry';
import type { SeasonState } from '@photofinish/shared/domain/season';
import type { Around, Page, PageOf, PlacedEntry, Ranks } from './placed-entry.ts';

/** A season together with the rules that its entries follow. */
export interface LiveSeason {
  id: string;
  board: Board;
  /** Reads: the ranking of this bucket alone. */
  bucket?: string | undefined;
}

export interface Position {
  epoch: number;
  version: number;
}

export interface TickWrite {
  player: string;
  /** Token subject of who sent it: seq counts per writer and player. */
  writer: string;
  /** Start stamp and id of the match (`matchKey`), '' on open boards. Newer matches sort after older ones by bytes. */
  matchKey: string;
  score: number | undefined;
  delta: number | undefined;
  /** Of all columns of the board, as deltas where the score is one; absent on boards without. */
  columnsKey?: string | undefined;
  /** JSON text, where the board keeps metadata and the tick brought some. */
  metadata?: string | undefined;
  /** The bucket that a player without an entry wishes for: `KEY.0` for any of a key, or the one that was lost (`bucketWish`). */
  bucket?: string | undefined;
  seq: number | undefined;
  /** When the server received it, in milliseconds. */
  at: number;
}

export const TICK_REFUSALS = [
  'MATCH_ENDED',
  'MATCH_SUPERSEDED',
  'SCORE_OVERFLOW',
  'TOO_MANY_WRITERS',
  'OVERLOADED',
  'COLUMN_OVERFLOW',
] as const;
export type TickRefusal = (typeof TICK_REFUSALS)[number];

export interface TickOutcome {
  /** The tick was not applied, and why. */
  refused: TickRefusal | undefined;
  /** 1-based, as the board numbers equal scores; 0 when refused and the player has no entry, and for the hidden. */
  rank: number;
  /** Before the batch; 0 when the player had no entry. `rank` where the entry did not leave its place. */
  previousRank: number;
  score: number;
  /** Before this tick; undefined when the player had no entry. */
  previousScore: number | undefined;
  /** By name, on boards with columns. */
  columns?: Record<string, number> | undefined;
  /** The entry stands better than before, by score or columns. */
  improved: boolean;
  /** The seq was seen before: nothing changed. */
  repeat: boolean;
  /** The player takes no place. */
  hidden?: boolean;
  /** On boards with buckets, where there is an entry: its bucket, and the rank there, 0 for the hidden. */
  bucket?: string;
  bucketRank?: number;
}

export interface Cold {
  kind: 'cold';
}

export interface TickMode {
  /** Where the caller saw the season last: a season that moved, or went back in time, is answered and not changed. */
  seen?: Position | undefined;
  /** These were acked before the season lost them. They are taken until it is settled, and an absolute score that is older
   *  than what the entry has replaces nothing. */
  redo?: boolean;
}

/** The ticks of one call, without an object for each: for who keeps many calls and seldom reads them. */
export interface SentTicks {
  readonly count: number;
  unpack(): TickWrite[];
}

export type TickBatchResult =
  | Cold
  /** The season began another epoch than the one seen. */
  | { kind: 'moved'; epoch: number }
  /** The season is at a version before the one seen: Redis went back in time. */
  | ({ kind: 'behind' } & Position)
  | { kind: 'not-open'; state: SeasonState }
  | Ticked;

/** `outcomes` in the order of the ticks; `dirty` is the number of entries now waiting for a flush, claimed ones included. */
export interface Ticked extends Position {
  kind: 'ok';
  dirty: number;
  outcomes: TickOutcome[];
  /** Of ticks that have nothing beside their score. */
  sent?: SentTicks | undefined;
}

/** The confirmed score that Postgres now holds. `finals` counts the player's finals in the season: Redis takes the larger
 *  count only, so that repeats and late repairs are harmless. */
export interface ConfirmedWrite {
  player: string;
  matchKey: string;
  confirmed: Mark;
  finals: number;
  /** As `TickWrite.bucket`. */
  bucket?: string | undefined;
}

/** What a final did to the visible entry; fields as in `TickOutcome`. */
export type ConfirmedEntry = Omit<TickOutcome, 'refused' | 'repeat'>;

export type ConfirmedResult = Cold | ({ kind: 'ok'; entries: ConfirmedEntry[] } & Position);

/** What a match stands at for a player. over: a final or a newer match ended it here. unknown: it was over when the season was loaded from the
 *  database, which knew the final before this life did. */
export type PlayedMatch = { kind: 'none' | 'over' | 'unknown' } | { kind: 'playing'; score: number };
export type PlayedResult = Cold | { kind: 'ok'; played: PlayedMatch[] };

export type ReadResult<T> = Cold | ({ kind: 'ok'; state: SeasonState } & T & Position);

/** The window at risk: what a loss of Redis now could cost. */
export type WindowResult =
  | Cold
  | ({
      kind: 'ok';
      state: SeasonState;
      total: number;
      /** Entries changed since they were last committed, those that a flusher has claimed included. */
      dirty: number;
      /** Server milliseconds when the oldest of them became dirty; undefined when nothing is dirty. */
      dirtySince: number | undefined;
    } & Position);

export interface LiveBoard {
  /** Applies ticks in order. At most `TICK_BATCH_MAX`. */
  tick(season: LiveSeason, ticks: readonly TickWrite[], mode?: TickMode): Promise<TickBatchResult>;
  /** Sets confirmed scores, ends their matches for these players. `now` in milliseconds. */
  confirm(season: LiveSeason, writes: readonly ConfirmedWrite[], now: number): Promise<ConfirmedResult>;
  /** Where matches stand for players, in the order asked. */
  played(season: LiveSeason, asked: readonly { player: string; matchKey: string }[]): Promise<PlayedResult>;
  /** Entries in the total order: from its beginning, from an entry on, or within a range of scores. */
  page(season: LiveSeason, of: PageOf): Promise<ReadResult<Page>>;
  /** `above` entries before the player, the player, `below` after; empty when the player stands nowhere. */
  around(season: LiveSeason, of: Around): Promise<ReadResult<{ total: number; entries: PlacedEntry[] }>>;
  ranks(season: LiveSeason, players: readonly string[]): Promise<ReadResult<Ranks>>;
  window(season: LiveSeason): Promise<WindowResult>;
  /** Copies the state that Postgres decided; a cold season stays cold. */
  setState(season: LiveSeason, state: SeasonState): Promise<void>;
}

/** Keeps one script call short (Redis serves nobody else meanwhile) and under Lua's stack limit for unpack. */
export const TICK_BATCH_MAX = 500;
