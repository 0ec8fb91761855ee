/** What one server acked of one season and has not seen in Postgres yet: what a loss of Redis now would take, so that it can be
 *  applied again. The oldest stand first.
 *
 *  An absolute score takes the place of the one before it by the same writer in the same match: the last word counts. On an open board
 *  that keeps the best, the best counts, and no seq is kept with it: there a repeat does no harm, and a later, worse tick's seq would
 *  pass it off as seen. Deltas are all kept, one by one: the snapshot may hold some of them already, and only the seq of each can tell.
 *
 *  The newest batches are kept as they were sent, and looked into only when they are needed, or when there are many: almost all are
 *  forgotten by the next watermarks (`ack.single`). */
import { isBetterUnit, type Unit } from '@photofinish/shared/domain/order';
import type { LiveSeason, Position, SentTicks, Ticked, TickOutcome, TickWrite } from './live-board.ts';

export interface Kept {
  key: string;
  tick: TickWrite;
  /** Committed once the watermark of this epoch has reached this version. */
  epoch: number;
  version: number;
}

/** What was kept between two watermarks: most is forgotten by the generation, and a player who ticks again is found and not moved
 *  (`ack.single`: one list in the order of the positions cost a tenth of the server's time). */
interface Generation {
  epoch: number;
  /** The newest version in it. */
  last: number;
  kept: Map<string, Kept>;
}

/** A batch that nobody has looked into. */
interface Sent extends Position {
  ticks: SentTicks;
  /** Places in it. */
  refused: readonly number[];
}

/** Ticks of a season that stay as they were sent: some seconds of a busy one, about 40 bytes each. */
const SENT_MAX = 250_000;

const unitOf = ({ score = 0, columnsKey }: TickWrite): Unit => ({ score, columnsKey });

export class RedoLog {
  readonly season: LiveSeason;
  readonly #keepsBest: boolean;
  readonly #keepsLatestMetadata: boolean;
  /** A score that comes after deltas takes their place: they are told apart by their order alone. */
  readonly #inOrder: boolean;
  /** Oldest first, and newer than all generations. */
  #sent: Sent[] = [];
  #sentTicks = 0;
  /** Oldest first; epochs grow along the list, and a key stands in one of them. */
  #generations: Generation[] = [];
  /** A watermark came: the next tick begins a generation. */
  #sealed = false;

  constructor(season: LiveSeason) {
    this.season = season;
    this.#keepsBest = season.board.kind === 'open' && season.board.operator === 'best';
    this.#keepsLatestMetadata = season.board.entryMetadata?.keep === 'latest';
    this.#inOrder = season.board.operator === 'sum';
  }

  get size(): number {
    let size = this.#sentTicks;
    for (const { kept } of this.#generations) size += kept.size;
    return size;
  }

  /** Of a batch that was acked. */
  keepBatch(ticks: readonly TickWrite[], acked: Omit<Ticked, 'kind' | 'dirty'>): void {
    const { outcomes, sent } = acked;
    if (sent) this.#keepSent(sent, acked);
    else for (const [i, tick] of ticks.entries()) this.keep(tick, outcomes[i] as TickOutcome, acked);
  }

  #keepSent(ticks: SentTicks, { epoch, version, outcomes }: Omit<Ticked, 'kind' | 'dirty'>): void {
    // As for one tick.
    if (version === 0) return;
    const refused = [];
    for (let i = 0; i < outcomes.length; i++) if (outcomes[i]?.refused !== undefined) refused.push(i);
    this.#sent.push({ ticks, refused, epoch, version });
    this.#sentTicks += ticks.count - refused.length;
    while (this.#sentTicks > SENT_MAX) this.#lookInto(this.#sent.shift());
  }

  /** Looks into all batches: what is left is what counts of them. */
  coalesce(): void {
    for (const batch of this.#sent.splice(0)) this.#lookInto(batch);
  }

  #lookInto(batch: Sent | undefined): void {
    if (!batch) return;
    this.#sentTicks -= batch.ticks.count - batch.refused.length;
    const refused = new Set(batch.refused);
    for (const [i, tick] of batch.ticks.unpack().entries()) if (!refused.has(i)) this.#keep(tick, batch);
  }

  /** Of a tick that was acked at this position. Ids hold no spaces, so that no two ticks share a key that should not. */
  keep(sent: TickWrite, outcome: TickOutcome, at: Position): void {
    // A life begins with what Postgres has, at version 0: what changed nothing in it is there.
    if (outcome.refused !== undefined || at.version === 0) return;
    // The rules of the board may have changed while it was played.
    if (this.#sent.length > 0) this.coalesce();
    this.#keep(outcome.bucket === undefined ? sent : { ...sent, bucket: outcome.bucket }, at);
  }

  #keep(tick: TickWrite, at: Position): void {
    if (this.#keepsBest) this.#keepBest(tick, at);
    else if (tick.delta !== undefined)
      this.#put(`${tick.player} ${tick.matchKey} ${tick.writer} ${tick.seq}`, tick, at);
    else this.#keepLast(tick, at);
  }

  #keepBest(tick: TickWrite, at: Position): void {
    const known = this.#find(tick.player)?.tick;
    const better = !known || isBetterUnit(this.season.board.sortOrder, unitOf(tick), unitOf(known));
    if (better) this.#put(tick.player, this.#withMetadata(tick, known), at);
    else if (tick.metadata !== undefined && this.#keepsLatestMetadata)
      this.#put(tick.player, { ...known, metadata: tick.metadata }, at);
  }

  #keepLast(tick: TickWrite, at: Position): void {
    const key = `${tick.player} ${tick.matchKey} ${tick.writer}`;
    const known = this.#find(key)?.tick;
    // A repeat of an older tick was acked too, and says nothing new.
    if (known?.seq !== undefined && tick.seq !== undefined && tick.seq < known.seq) return;
    // The same score again was reached when it was first told, and metadata that is left out stays.
    const isSame = known?.score === tick.score && known?.columnsKey === tick.columnsKey;
    const metadata = tick.metadata ?? known?.metadata;
    const said = known && (isSame || metadata !== tick.metadata);
    this.#put(key, said ? { ...tick, metadata, at: isSame ? known.at : tick.at } : tick, at);
  }

  #withMetadata(tick: TickWrite, known: TickWrite | undefined): TickWrite {
    if (!this.#keepsLatestMetadata || tick.metadata !== undefined || known?.metadata === undefined)
      return tick;
    return { ...tick, metadata: known.metadata };
  }

  /** The newest one of this key. */
  #find(key: string): Kept | undefined {
    for (let i = this.#generations.length - 1; i >= 0; i--) {
      const found = this.#generations[i]?.kept.get(key);
      if (found) return found;
    }
    return undefined;
  }

  #put(key: string, tick: TickWrite, { epoch, version }: Position): void {
    const newest = this.#newestOf(epoch);
    newest.last = version;
    const known = newest.kept.get(key);
    if (known && !this.#inOrder) {
      known.tick = tick;
      known.version = version;
      return;
    }
    for (const generation of this.#generations) generation.kept.delete(key);
    newest.kept.set(key, { key, tick, epoch, version });
  }

  #newestOf(epoch: number): Generation {
    const newest = this.#generations.at(-1);
    if (newest?.epoch === epoch && !this.#sealed) return newest;
    const next = { epoch, last: 0, kept: new Map<string, Kept>() };
    this.#generations.push(next);
    this.#sealed = false;
    return next;
  }

  /** Applied again: it is owed from the new position on, and stands behind what was so before. */
  moved(kept: Kept, to: Position): void {
    this.forget(kept);
    this.#put(kept.key, kept.tick, to);
  }

  forget(kept: Kept): void {
    for (const generation of this.#generations)
      if (generation.kept.get(kept.key) === kept) generation.kept.delete(kept.key);
    this.#dropEmpty();
  }

  /** Forgets one of the oldest. @returns it, if there is one */
  dropOldest(): Kept | undefined {
    this.coalesce();
    for (const { kept } of this.#generations)
      for (const oldest of kept.values()) {
        kept.delete(oldest.key);
        return oldest;
      }
    return undefined;
  }

  /** Forgets what is committed. A watermark of another epoch says nothing about what was acked in this one: what was acked in an epoch
   *  that is over is not in Postgres because a newer epoch has been flushed. */
  prune(watermark: Position): void {
    this.#pruneSent(watermark);
    for (const generation of this.#generations) {
      if (generation.epoch !== watermark.epoch) break;
      if (generation.last <= watermark.version) generation.kept.clear();
      else
        for (const { key, version } of generation.kept.values())
          if (version <= watermark.version) generation.kept.delete(key);
    }
    this.#dropEmpty();
    this.#sealed = true;
  }

  #pruneSent({ epoch, version }: Position): void {
    const past = this.#sent.findIndex((batch) => batch.epoch !== epoch || batch.version > version);
    const gone = this.#sent.splice(0, past < 0 ? this.#sent.length : past);
    for (const { ticks, refused } of gone) this.#sentTicks -= ticks.count - refused.length;
  }

  #dropEmpty(): void {
    if (this.#generations.some(({ kept }) => kept.size === 0))
      this.#generations = this.#generations.filter(({ kept }) => kept.size > 0);
  }

  /** Not yet applied in this epoch, oldest first, at most `count`. */
  owedIn(epoch: number, count: number): Kept[] {
    this.coalesce();
    const owed: Kept[] = [];
    for (const generation of this.#generations) {
      if (generation.epoch === epoch) break;
      for (const kept of generation.kept.values()) {
        if (owed.length === count) return owed;
        // No seq is kept with a best score.
        if (this.#keepsBest && kept.tick.seq !== undefined) kept.tick = { ...kept.tick, seq: undefined };
        owed.push(kept);
      }
    }
    return owed;
  }
}
