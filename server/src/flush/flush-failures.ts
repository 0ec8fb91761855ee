/** What an admin does about parked rows: look, try again, or give one up. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { LiveSeason } from '../board/live-board.ts';
import type { DirtyQueue } from './dirty-queue.ts';
import type { FlushFailure, FlushFailureStore } from './flush-failure-store.ts';
import type { Flusher } from './flusher.ts';
import { RowsRefused } from './snapshot-store.ts';

export interface Retried {
  /** written: the entry is in the snapshot. parked: refused again, and why is in `failure`. */
  outcome: 'written' | 'parked';
  failure: FlushFailure;
}

/** Under the time that proxies give a request. */
const FLUSH_TIMEOUT_MS = 20_000;

interface Deps {
  store: FlushFailureStore;
  queue: Pick<DirtyQueue, 'markDirty'>;
  flusher: Pick<Flusher, 'drain'>;
  live: (season: string) => Promise<LiveSeason>;
  clock: () => number;
}

export class FlushFailures {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  list(of: { season: string | undefined; limit: number }) {
    return this.#deps.store.list(of);
  }

  /** Flushes the live entry once more: it holds the parked change and all that came after it. Without one, of a season that left memory,
   *  the parked record itself is written. The row stays parked until the snapshot has it, so that a crash here costs another retry.
   *  @throws Fault NOT_FOUND, UNAVAILABLE */
  async retry(season: string, player: string, by: string): Promise<Retried> {
    const { store, queue, flusher, live, clock } = this.#deps;
    const failure = await store.noteRetry(season, player, by);
    const of = await live(season);
    const marked = await queue.markDirty(of, [player], clock());
    if (marked.kind === 'ok' && marked.marked > 0) await flusher.drain(of, 'admin', FLUSH_TIMEOUT_MS);
    else
      await store.writeParked(season, player).catch((error: unknown) => {
        if (!(error instanceof RowsRefused)) throw error;
      });
    const left = await store.find(season, player);
    return left ? { outcome: 'parked', failure: left } : { outcome: 'written', failure };
  }

  /** Gives the database's copy of the change up. The live entry stays as it is, and its next change is flushed as any other. */
  discard(season: string, player: string, by: string): Promise<FlushFailure> {
    return this.#deps.store.discard(season, player, by);
  }
}

export const noFlushFailure = (season: string, player: string): Fault =>
  new Fault('NOT_FOUND', `player: no row of ${player} is parked in season ${season}`, {
    field: 'player',
    fix: 'GET /v1/admin/flush-failures lists what is parked',
  });
