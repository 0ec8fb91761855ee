/** The redo of a server: it keeps what it acked until it is in Postgres, and applies it again when a season lost it.
 *
 *  Invariant: a tick that this server acked is here, or a watermark has passed it, or `lost` or `dropped` has counted it. So Redis and a
 *  server must die together before an acked tick can be lost. Redoing is harmless at any time and any number of times: `seq` makes a
 *  repeat of a delta nothing, and an absolute score never replaces a newer one. */
import type { Alarm } from '../flush/alarm.ts';
import type { Log } from '../observe/log.ts';
import type {
  LiveBoard,
  LiveSeason,
  Position,
  TickBatchResult,
  Ticked,
  TickOutcome,
  TickWrite,
} from './live-board.ts';
import { TICK_BATCH_MAX } from './live-board.ts';
import { type Kept, RedoLog } from './redo-log.ts';

export interface RedoObserver {
  /** One redo of a season. `repeated`: the season had them. `replaced`: a final or a newer match stands in their place.
   *  `lost`: acked, and could not be applied again. */
  redone(ticks: { applied: number; repeated: number; replaced: number; lost: number }): void;
  /** Forgotten before they were in Postgres, because `ticksMax` was reached. */
  dropped(ticks: number): void;
}

export interface RedoDeps {
  live: Pick<LiveBoard, 'tick'>;
  log: Log;
  observer: RedoObserver;
  alarm?: Alarm | undefined;
  /** Ticks kept over all seasons. At the limit the oldest of the season is forgotten: it is the likeliest to be flushed next. */
  ticksMax: number;
}

type Count = { applied: number; repeated: number; replaced: number; lost: number };

export class Redo {
  readonly #deps: RedoDeps;
  readonly #logs = new Map<string, RedoLog>();
  /** Seasons of which ticks were applied again, or lost, and where that was: until it is committed. */
  readonly #redone = new Map<string, Position>();
  /** Ticks that were forgotten before they were committed, by season, and the newest of them: until a watermark has passed it. */
  readonly #exposed = new Map<string, Position & { ticks: number }>();
  #size = 0;
  #full = false;

  constructor(deps: RedoDeps) {
    this.#deps = deps;
  }

  /** Ticks kept now. */
  get size(): number {
    return this.#size;
  }

  /** Seasons of which something is kept. */
  seasons(): LiveSeason[] {
    return [...this.#logs.values()].map((log) => log.season);
  }

  /** Ticks kept of one season. */
  kept(season: string): number {
    return this.#logs.get(season)?.size ?? 0;
  }

  /** Acked ticks of a season that this server could not apply again, and that no watermark has passed. */
  exposed(season: string): number {
    return this.#exposed.get(season)?.ticks ?? 0;
  }

  /** A batch was acked. */
  keep(season: LiveSeason, ticks: readonly TickWrite[], acked: Omit<Ticked, 'kind' | 'dirty'>): void {
    const log = this.#logOf(season);
    const before = log.size;
    log.keepBatch(ticks, acked);
    this.#size += log.size - before;
    if (this.#size > this.#deps.ticksMax) this.#dropOver(log);
    if (log.size === 0 && !this.#exposed.has(season.id)) this.#logs.delete(season.id);
  }

  /** All up to here is committed. */
  prune(season: string, watermark: Position): void {
    const log = this.#logs.get(season);
    this.#calm(season, watermark);
    const exposed = this.#exposed.get(season);
    if (exposed && isPast(exposed, watermark)) this.#exposed.delete(season);
    if (!log) return;
    const before = log.size;
    log.prune(watermark);
    this.#size += log.size - before;
    if (log.size === 0) this.#logs.delete(season);
    if (this.#size < this.#deps.ticksMax / 2) this.#full = false;
  }

  /** Applies again what this server acked in other epochs. Nothing of the season may be under way.
   *  @returns false when the season left this epoch meanwhile: ask again where it is now. @throws Fault when Redis cannot take it */
  async run(season: LiveSeason, epoch: number): Promise<boolean> {
    const log = this.#logs.get(season.id);
    if (!log) return true;
    const count: Count = { applied: 0, repeated: 0, replaced: 0, lost: 0 };
    let version = 0;
    try {
      for (;;) {
        const owed = log.owedIn(epoch, TICK_BATCH_MAX);
        if (owed.length === 0) return true;
        const ticks = owed.map((kept) => kept.tick);
        const result = await this.#deps.live.tick(season, ticks, { seen: { epoch, version: 0 }, redo: true });
        if (result.kind !== 'ok' && result.kind !== 'not-open') return false;
        if (result.kind === 'ok') version = result.version;
        this.#settle(log, owed, result, count);
      }
    } finally {
      this.#tell(season, { epoch, version }, count);
    }
  }

  #settle(
    log: RedoLog,
    owed: readonly Kept[],
    result: Extract<TickBatchResult, { kind: 'ok' | 'not-open' }>,
    count: Count,
  ): void {
    const before = log.size;
    for (const [i, kept] of owed.entries()) {
      const fate = result.kind === 'ok' ? fateOf(result.outcomes[i]) : 'lost';
      count[fate]++;
      const stays = fate === 'applied' || fate === 'repeated';
      if (result.kind === 'ok' && stays && result.version > 0) log.moved(kept, result);
      else log.forget(kept);
    }
    this.#size += log.size - before;
  }

  #tell(season: LiveSeason, at: Position, count: Count): void {
    if (count.applied + count.repeated + count.replaced + count.lost === 0) return;
    const { log, observer, alarm } = this.#deps;
    observer.redone(count);
    if (count.applied + count.lost > 0) {
      this.#redone.set(season.id, at);
      alarm?.raise('redo-used', season.id, { applied: count.applied, lost: count.lost });
    }
    const fields = { season: season.id, board: season.board.id, epoch: at.epoch, ...count };
    if (count.lost > 0) log.error(fields, 'acked ticks were lost: they could not be applied again');
    else log.warn(fields, 'acked ticks were applied again after the season lost its memory');
  }

  #calm(season: string, watermark: Position): void {
    const at = this.#redone.get(season);
    if (!at || !isPast(at, watermark)) return;
    this.#redone.delete(season);
    this.#deps.alarm?.clear('redo-used', season);
  }

  #logOf(season: LiveSeason): RedoLog {
    let log = this.#logs.get(season.id);
    if (!log) {
      log = new RedoLog(season);
      this.#logs.set(season.id, log);
    }
    return log;
  }

  #expose(season: string, { epoch, version }: Kept): void {
    const before = this.#exposed.get(season);
    const ticks = before?.epoch === epoch ? before.ticks + 1 : 1;
    this.#exposed.set(season, { epoch, version, ticks });
  }

  #dropOver(log: RedoLog): void {
    const { ticksMax, observer, log: line } = this.#deps;
    const before = log.size;
    log.coalesce();
    this.#size += log.size - before;
    let dropped = 0;
    while (this.#size > ticksMax) {
      const oldest = log.dropOldest();
      if (!oldest) break;
      this.#size--;
      dropped++;
      this.#expose(log.season.id, oldest);
    }
    observer.dropped(dropped);
    if (dropped === 0 || this.#full) return;
    this.#full = true;
    line.error(
      { ticksMax, season: log.season.id },
      'redo is full: a loss of Redis before the next flush would now cost acked ticks; raise REDO_TICKS_MAX or mend the flush',
    );
  }
}

function fateOf(outcome: TickOutcome | undefined): keyof Count {
  if (!outcome) return 'lost';
  if (outcome.refused === 'MATCH_ENDED' || outcome.refused === 'MATCH_SUPERSEDED') return 'replaced';
  if (outcome.refused !== undefined) return 'lost';
  return outcome.repeat ? 'repeated' : 'applied';
}

/** Whether what was acked at `at` is committed, or its epoch is over. */
const isPast = (at: Position, watermark: Position): boolean =>
  watermark.epoch > at.epoch || (watermark.epoch === at.epoch && watermark.version >= at.version);
