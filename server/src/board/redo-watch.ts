/** Looks after seasons of which this server acked something that is not in Postgres yet, also when no tick comes: forgets what a
 *  watermark has passed, whichever server flushed it, and notices a season that lost its memory.
 *
 *  One question to each database per season and interval, and none once all is flushed. */

import type { SnapshotStore } from '../flush/snapshot-store.ts';
import type { Log } from '../observe/log.ts';
import type { LiveSeason } from './live-board.ts';
import type { Redo } from './redo.ts';
import { Rounds } from './rounds.ts';
import type { TickIntake } from './tick-intake.ts';

interface Deps {
  redo: Redo;
  intake: Pick<TickIntake, 'look'>;
  store: Pick<SnapshotStore, 'watermark'>;
  log: Log;
  /** How late a loss is noticed when no tick comes. */
  intervalMs: number;
}

export class RedoWatch {
  readonly #deps: Deps;
  readonly #rounds: Rounds;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      everyMs: deps.intervalMs,
      round: () => this.#look(),
      failed: (error) => deps.log.debug({ err: error }, 'looking after what is kept for redo failed'),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  /** Makes whole what lost its memory a moment ago: who goes takes along what it kept. */
  async stop(): Promise<void> {
    void this.#rounds.stop();
    await Promise.allSettled(this.#deps.redo.seasons().map((season) => this.#deps.intake.look(season)));
  }

  /** Resolves when the season has all that this server acked. @throws Fault when Redis or Postgres cannot take it now */
  async makeWhole(season: LiveSeason): Promise<void> {
    if (this.#deps.redo.kept(season.id) > 0) await this.#deps.intake.look(season);
  }

  async #look(): Promise<void> {
    const { redo, intake, store, log } = this.#deps;
    for (const season of redo.seasons()) {
      try {
        const watermark = await store.watermark(season.id);
        if (watermark) redo.prune(season.id, watermark);
      } catch (error) {
        log.debug({ err: error, season: season.id }, 'reading the watermark for redo failed');
      }
      if (redo.kept(season.id) > 0)
        intake
          .look(season)
          .catch((error) => log.debug({ err: error, season: season.id }, 'looking after a season failed'));
    }
  }
}
