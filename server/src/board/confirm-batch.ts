/** Finals that were committed together go live together: what is asked for in one turn is one script call per season, and each who asked
 *  gets the places of its own (`finals.rate`). A call that fails fails for all of them: each is repaired by itself. */
import { type Warmer, whenWarm } from '../flush/warmer.ts';
import type { ConfirmedEntry, ConfirmedWrite, LiveBoard, LiveSeason } from './live-board.ts';

interface Waiting {
  writes: readonly ConfirmedWrite[];
  resolve(places: ConfirmedEntry[]): void;
  reject(error: unknown): void;
}

interface Batch {
  season: LiveSeason;
  waiting: Waiting[];
}

export class ConfirmBatch {
  readonly #live: Pick<LiveBoard, 'confirm'>;
  readonly #warmer: Pick<Warmer, 'warm'>;
  readonly #clock: () => number;
  readonly #batches = new Map<string, Batch>();

  constructor(deps: { live: Pick<LiveBoard, 'confirm'>; warmer: Pick<Warmer, 'warm'>; clock: () => number }) {
    this.#live = deps.live;
    this.#warmer = deps.warmer;
    this.#clock = deps.clock;
  }

  /** @returns places in the order of the writes. @throws what the script call threw */
  confirm(season: LiveSeason, writes: readonly ConfirmedWrite[]): Promise<ConfirmedEntry[]> {
    if (writes.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const one = { writes, resolve, reject };
      const batch = this.#batches.get(season.id);
      if (batch) {
        batch.waiting.push(one);
        return;
      }
      this.#batches.set(season.id, { season, waiting: [one] });
      setImmediate(() => void this.#run(season.id));
    });
  }

  async #run(id: string): Promise<void> {
    const batch = this.#batches.get(id);
    this.#batches.delete(id);
    if (!batch) return;
    const { season, waiting } = batch;
    const writes = waiting.flatMap((one) => one.writes);
    try {
      const { entries } = await whenWarm(this.#warmer, season, () =>
        this.#live.confirm(season, writes, this.#clock()),
      );
      let first = 0;
      for (const one of waiting) {
        one.resolve(entries.slice(first, first + one.writes.length));
        first += one.writes.length;
      }
    } catch (error) {
      for (const one of waiting) one.reject(error);
    }
  }
}
