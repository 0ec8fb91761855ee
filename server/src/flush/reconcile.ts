/** Reconciling: does Postgres have what Redis has, for all that no flush has yet to write?
 *
 *  Both sides move while they are compared, so the order of the readings decides whether a difference proves anything:
 *
 *    Redis, then Postgres.  An entry that is neither dirty nor claimed was committed with its present rev before it was read. Postgres
 *                           is read later, so its row has this rev and says the same, or a newer one. Less is drift.
 *    Postgres, then Redis.  A row comes from an entry, and an entry's rev and finals only grow within an epoch. Redis is read later,
 *                           so an entry that is missing or behind its row is drift.
 *
 *  Neither needs a pause, a lock or a second look, and neither can call a flush or a final under way a drift. In another epoch
 *  than the one that the pass began in nothing of this holds: the pass ends, and the next one begins anew. */
import type { LiveSeason } from '../board/live-board.ts';
import type { EntryRecord } from './dirty-queue.ts';
import type { BehindEntry, Healing, LiveScan } from './live-scan.ts';
import { mergeEntry } from './merge-entry.ts';
import type { RowHead, SnapshotScan } from './snapshot-scan.ts';

export const DRIFT_KINDS = [
  /** The snapshot has no row, an older one, or another one under the same revision. */
  'row-missing',
  'row-older',
  'row-differs',
  /** Redis has no entry, or one that is behind its row or its finals. */
  'entry-missing',
  'entry-older',
  'final-missing',
  /** The ranking in Redis is not what the records say. */
  'misplaced',
  'stray',
] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

export interface Drift {
  player: string;
  kind: DriftKind;
}

export interface Comparison {
  /** cold: nothing is in Redis. moved: the season began another epoch meanwhile. */
  kind: 'compared' | 'cold' | 'moved';
  /** Entries and rows looked at; entries that were left out because a flush has yet to write them. */
  entries: number;
  rows: number;
  leftOut: number;
  /** The first `DRIFT_LISTED_MAX` of them; `counts` has all. */
  drift: Drift[];
  counts: Record<DriftKind, number>;
  /** Entries that were set right and marked dirty, and members taken out of the ranking. */
  repaired: number;
}

/** A bound on memory, and on what a person reads. */
export const DRIFT_LISTED_MAX = 1_000;
/** Keeps one step to some milliseconds of Redis and of Postgres each. */
const PAGE = 500;

interface Deps {
  live: LiveScan;
  snapshot: SnapshotScan;
  clock: () => number;
}

/** One pass over a season, a page at a time. */
export class Reconciling {
  readonly season: LiveSeason;
  readonly found: Comparison;
  /** Entries of the season in Redis, as of the last page: what `entries` and `rows` go up to. */
  size = 0;
  readonly #deps: Deps;
  readonly #repair: boolean;
  #epoch: number | undefined;
  #cursor: string | undefined = '0';
  #after = '';
  #strays = 0;

  constructor(season: LiveSeason, deps: Deps, how: { repair: boolean }) {
    this.season = season;
    this.#deps = deps;
    this.#repair = how.repair;
    const counts = Object.fromEntries(DRIFT_KINDS.map((kind) => [kind, 0])) as Record<DriftKind, number>;
    this.found = { kind: 'compared', entries: 0, rows: 0, leftOut: 0, drift: [], counts, repaired: 0 };
  }

  get drifted(): number {
    return DRIFT_KINDS.reduce((sum, kind) => sum + this.found.counts[kind], 0);
  }

  /** Compares, and rights, one page. @returns false after the last one */
  step(): Promise<boolean> {
    return this.#cursor === undefined ? this.#rowsStep() : this.#entriesStep(this.#cursor);
  }

  /** Redis, then Postgres. */
  async #entriesStep(cursor: string): Promise<boolean> {
    const { live, snapshot } = this.#deps;
    const page = await live.scan(this.season, cursor, PAGE);
    if (page.kind === 'cold') return this.#end('cold');
    this.#epoch ??= page.epoch;
    if (page.epoch !== this.#epoch) return this.#end('moved');
    const entries = new Map(page.clean.map(({ record }) => [record.player, record]));
    const wrong = new Set<string>();
    for (const { record, misplaced } of page.clean)
      if (misplaced) this.#note(wrong, record.player, 'misplaced');
    for (const { player, kind } of await snapshot.differing(this.season.id, page.epoch, [
      ...entries.values(),
    ]))
      this.#note(wrong, player, kind);
    this.found.entries += page.clean.length;
    this.found.leftOut += page.leftOut;
    this.size = page.entries;
    this.#strays = Math.max(this.#strays, page.ranked - page.entries);
    await this.#heal(
      [...wrong].flatMap((player) => healingOf(entries.get(player))),
      0,
    );
    this.#cursor = page.cursor === '0' ? undefined : page.cursor;
    if (this.#cursor === undefined) await this.#endRanking();
    return true;
  }

  /** A member too many shows in the sizes. One that stands for a misplaced entry shows when the entry has its own again. */
  async #endRanking(): Promise<void> {
    this.found.counts.stray = this.#strays;
    if (!this.#repair || this.#strays + this.found.counts.misplaced === 0) return;
    this.found.repaired += await this.#deps.live.prune(this.season);
  }

  /** Postgres, then Redis. */
  async #rowsStep(): Promise<boolean> {
    const { live, snapshot } = this.#deps;
    const epoch = this.#epoch ?? 0;
    const heads = await snapshot.heads(this.season.id, this.#after, PAGE);
    const last = heads.at(-1);
    if (!last) return false;
    if (heads.some(({ row }) => row !== undefined && row.epoch > epoch)) return this.#end('moved');
    const known = heads.filter((head) => head.row !== undefined || head.finals > 0);
    const least = known.map(({ player, row, finals }) => ({ player, rev: revIn(epoch, row), finals }));
    const behind = await live.behind(this.season, epoch, least);
    if (behind.kind === 'cold') return this.#end('cold');
    if (behind.epoch !== epoch) return this.#end('moved');
    for (const entry of behind.entries) this.#note(undefined, entry.player, kindOf(entry));
    this.found.rows += heads.length;
    await this.#merge(behind.entries, Math.max(0, ...least.map(({ rev }) => rev)));
    this.#after = last.player;
    return heads.length === PAGE;
  }

  async #merge(behind: readonly BehindEntry[], floor: number): Promise<void> {
    if (!this.#repair || behind.length === 0) return;
    const { board } = this.season;
    const stored = await this.#deps.snapshot.records(
      this.season,
      behind.map(({ player }) => player),
    );
    const of = new Map(behind.map((entry) => [entry.player, entry.record]));
    await this.#heal(
      stored.map((record) => {
        const live = of.get(record.player);
        return { record: mergeEntry(board, record, live), seen: live?.rev };
      }),
      floor,
    );
  }

  async #heal(entries: readonly Healing[], floor: number): Promise<void> {
    if (!this.#repair || entries.length === 0 || this.#epoch === undefined) return;
    const { live, clock } = this.#deps;
    this.found.repaired += await live.heal(this.season, { epoch: this.#epoch, now: clock(), floor }, entries);
  }

  #note(wrong: Set<string> | undefined, player: string, kind: DriftKind): void {
    this.found.counts[kind]++;
    if (this.found.drift.length < DRIFT_LISTED_MAX) this.found.drift.push({ player, kind });
    wrong?.add(player);
  }

  #end(kind: 'cold' | 'moved'): false {
    this.found.kind = kind;
    return false;
  }
}

/** Redis decides: the entry is written again under a new revision. */
const healingOf = (record: EntryRecord | undefined): Healing[] =>
  record ? [{ record, seen: record.rev }] : [];

/** A row of an older epoch was read by the rebuild: an entry must be there, with whatever rev. */
const revIn = (epoch: number, row: RowHead['row']): number => (row?.epoch === epoch ? row.rev : 0);

const kindOf = ({ behind, record }: BehindEntry): DriftKind =>
  record ? (behind === 'finals' ? 'final-missing' : 'entry-older') : 'entry-missing';
