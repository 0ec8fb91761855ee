/** What one server acked of one season and has not seen in Postgres yet: what a loss of Redis now would take, so that it can be
 *  applied again. The oldest stand first, and what they were acked at grows along the list.
 *
 *  An absolute score takes the place of the one before it by the same writer in the same match: the last word counts. On an open board
 *  that keeps the best, the best counts, and no seq is kept with it: there a repeat does no harm, and a later, worse tick's seq would
 *  pass it off as seen. Deltas are all kept, one by one: the snapshot may hold some of them already, and only the seq of each can tell. */
import { isBetterUnit, type Unit } from '@photofinish/shared/domain/order';
import type { LiveSeason, Position, TickOutcome, TickWrite } from './live-board.ts';

export interface Kept {
  key: string;
  tick: TickWrite;
  /** Committed once the watermark of this epoch has reached this version. */
  epoch: number;
  version: number;
}

const unitOf = ({ score = 0, columnsKey }: TickWrite): Unit => ({ score, columnsKey });

export class RedoLog {
  readonly season: LiveSeason;
  readonly #keepsBest: boolean;
  readonly #keepsLatestMetadata: boolean;
  readonly #kept = new Map<string, Kept>();

  constructor(season: LiveSeason) {
    this.season = season;
    this.#keepsBest = season.board.kind === 'open' && season.board.operator === 'best';
    this.#keepsLatestMetadata = season.board.entryMetadata?.keep === 'latest';
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Of a tick that was acked at this position. Ids hold no spaces, so that no two ticks share a key that should not. */
  keep(sent: TickWrite, outcome: TickOutcome, at: Position): void {
    // A life begins with what Postgres has, at version 0: what changed nothing in it is there.
    if (outcome.refused !== undefined || at.version === 0) return;
    const tick = outcome.bucket === undefined ? sent : { ...sent, bucket: outcome.bucket };
    if (this.#keepsBest) this.#keepBest(tick, at);
    else if (tick.delta !== undefined)
      this.#put(`${tick.player} ${tick.matchKey} ${tick.writer} ${tick.seq}`, tick, at);
    else this.#keepLast(tick, at);
  }

  #keepBest(tick: TickWrite, at: Position): void {
    const known = this.#kept.get(tick.player);
    const better = !known || isBetterUnit(this.season.board.sortOrder, unitOf(tick), unitOf(known.tick));
    if (better) this.#put(tick.player, { ...tick, ...this.#metadataOf(tick, known), seq: undefined }, at);
    else if (tick.metadata !== undefined && this.#keepsLatestMetadata)
      this.#put(tick.player, { ...known.tick, metadata: tick.metadata }, at);
  }

  #keepLast(tick: TickWrite, at: Position): void {
    const key = `${tick.player} ${tick.matchKey} ${tick.writer}`;
    const known = this.#kept.get(key)?.tick;
    // A repeat of an older tick was acked too, and says nothing new.
    if (known?.seq !== undefined && tick.seq !== undefined && tick.seq < known.seq) return;
    // The same score again was reached when it was first told, and metadata that is left out stays.
    const isSame = known?.score === tick.score && known?.columnsKey === tick.columnsKey;
    const metadata = tick.metadata ?? known?.metadata;
    const said = known && (isSame || metadata !== tick.metadata);
    this.#put(key, said ? { ...tick, metadata, at: isSame ? known.at : tick.at } : tick, at);
  }

  #metadataOf(tick: TickWrite, known: Kept | undefined): { metadata?: string | undefined } {
    return this.#keepsLatestMetadata ? { metadata: tick.metadata ?? known?.tick.metadata } : {};
  }

  #put(key: string, tick: TickWrite, { epoch, version }: Position): void {
    this.#kept.delete(key);
    this.#kept.set(key, { key, tick, epoch, version });
  }

  /** Applied again: it is owed from the new position on, and stands behind what was so before. */
  moved(kept: Kept, to: Position): void {
    this.#put(kept.key, kept.tick, to);
  }

  forget(kept: Kept): void {
    if (this.#kept.get(kept.key) === kept) this.#kept.delete(kept.key);
  }

  /** Forgets the oldest. @returns it, if there is one */
  dropOldest(): Kept | undefined {
    const [oldest] = this.#kept.values();
    if (oldest) this.#kept.delete(oldest.key);
    return oldest;
  }

  /** Forgets what is committed. A watermark of another epoch says nothing about what was acked in this one: what was acked in an epoch
   *  that is over is not in Postgres because a newer epoch has been flushed. */
  prune(watermark: Position): void {
    for (const { key, epoch, version } of this.#kept.values()) {
      if (epoch !== watermark.epoch || version > watermark.version) return;
      this.#kept.delete(key);
    }
  }

  /** Not yet applied in this epoch, oldest first, at most `count`. */
  owedIn(epoch: number, count: number): Kept[] {
    const owed: Kept[] = [];
    for (const kept of this.#kept.values()) {
      if (owed.length === count || kept.epoch === epoch) break;
      owed.push(kept);
    }
    return owed;
  }
}
