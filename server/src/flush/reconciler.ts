/** Reconciles the live seasons every so often: on the server that flushes the season, a bounded number of entries at a time, so that a
 *  large season is gone through over several intervals and none is held up by it. */
import type { LiveSeason } from '../board/live-board.ts';
import type { Log } from '../observe/log.ts';
import type { Alarm } from './alarm.ts';
import type { DirtyQueue } from './dirty-queue.ts';
import type { LiveScan } from './live-scan.ts';
import { type Comparison, Reconciling } from './reconcile.ts';
import type { SnapshotScan } from './snapshot-scan.ts';

export interface ReconcileObserver {
  /** A pass over one season is complete, or cut short because the season went cold or began another epoch. */
  passed(pass: { found: Comparison; ms: number }): void;
  /** Entries that drifted, over the last complete passes of all seasons that this server looks after. */
  drift(entries: number): void;
  failed(): void;
}

/** Entries and rows per season and interval: some hundred milliseconds, spread over pages. */
const PER_INTERVAL = 20_000;
const LOGGED_MAX = 10;

interface Deps {
  live: LiveScan;
  snapshot: SnapshotScan;
  queue: Pick<DirtyQueue, 'lease'>;
  liveSeasons: () => Promise<LiveSeason[]>;
  clock: () => number;
  random: () => number;
  log: Log;
  observer: ReconcileObserver;
  alarm?: Alarm | undefined;
  owner: string;
  leaseMs: number;
  intervalMs: number;
}

export class Reconciler {
  readonly #deps: Deps;
  readonly #passes = new Map<string, { pass: Reconciling; ms: number }>();
  /** Drifted entries of each season's last complete pass. */
  readonly #drifted = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  start(): void {
    // Servers that were started together must not look at the same moment.
    const { intervalMs, random } = this.#deps;
    this.#timer = setTimeout(
      () => {
        this.#running = this.run().finally(() => {
          if (!this.#stopped) this.start();
        });
      },
      intervalMs * (0.75 + random() / 2),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** One interval's share of every season that this server flushes. Rejects never. */
  async run(): Promise<void> {
    const { queue, owner, leaseMs, observer, log } = this.#deps;
    const seasons = await this.#deps.liveSeasons().catch(() => []);
    const kept = new Set<string>();
    for (const season of seasons) {
      if (this.#stopped) return;
      try {
        if (!(await queue.lease(season, owner, leaseMs))) continue;
        kept.add(season.id);
        await this.#share(season);
      } catch (error) {
        observer.failed();
        log.warn({ err: error, season: season.id }, 'reconciling failed; it is tried again');
      }
    }
    for (const id of this.#drifted.keys()) if (!kept.has(id)) this.#forget(id);
    for (const id of this.#passes.keys()) if (!kept.has(id)) this.#passes.delete(id);
    observer.drift([...this.#drifted.values()].reduce((sum, entries) => sum + entries, 0));
  }

  async #share(season: LiveSeason): Promise<void> {
    const current = this.#passes.get(season.id) ?? {
      pass: new Reconciling(season, this.#deps, { repair: true }),
      ms: 0,
    };
    this.#passes.set(season.id, current);
    const { pass } = current;
    const startedAt = performance.now();
    const upTo = pass.found.entries + pass.found.rows + PER_INTERVAL;
    let more = true;
    try {
      while (more && !this.#stopped && pass.found.entries + pass.found.rows < upTo) more = await pass.step();
    } catch (error) {
      this.#passes.delete(season.id);
      throw error;
    }
    current.ms += performance.now() - startedAt;
    if (!more) this.#complete(season, current);
  }

  #complete(season: LiveSeason, { pass, ms }: { pass: Reconciling; ms: number }): void {
    const { observer, log, alarm } = this.#deps;
    const { found, drifted } = pass;
    this.#passes.delete(season.id);
    observer.passed({ found, ms });
    if (found.kind === 'compared') this.#drifted.set(season.id, drifted);
    else this.#drifted.delete(season.id);
    // Repaired is not over: the next complete pass must find both sides alike.
    if (drifted > 0) alarm?.raise('drift-found', season.id, { drifted, repaired: found.repaired });
    else if (found.kind === 'compared') alarm?.clear('drift-found', season.id);
    if (drifted > 0)
      log.error(
        {
          season: season.id,
          drifted,
          counts: found.counts,
          repaired: found.repaired,
          first: found.drift.slice(0, LOGGED_MAX),
        },
        'redis and postgres had drifted apart; repaired',
      );
  }

  /** Another server looks after the season now, and says itself what it finds. */
  #forget(season: string): void {
    this.#drifted.delete(season);
    this.#deps.alarm?.clear('drift-found', season);
  }
}
