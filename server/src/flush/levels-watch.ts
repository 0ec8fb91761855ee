/** Gives the levels that dense ranks are read from to seasons of boards that began to rank dense while they were played.
 *
 *  The season is begun anew by merging, as one that went back in time: nothing of it is lost, ticks wait for it meanwhile. A season that
 *  keeps levels keeps them when its board ranks otherwise again, until it leaves memory. */

import type { LiveSeason } from '../board/live-board.ts';
import { Rounds } from '../board/rounds.ts';
import type { Log } from '../observe/log.ts';
import type { LiveBuilder } from './live-builder.ts';
import type { Warmer } from './warmer.ts';

/** How long dense ranks may be counted by walking after the change. */
const LOOK_EVERY_MS = 2_000;

interface Deps {
  builder: Pick<LiveBuilder, 'withoutLevels'>;
  warmer: Pick<Warmer, 'heal'>;
  liveSeasons: () => Promise<LiveSeason[]>;
  log: Log;
}

export class LevelsWatch {
  readonly #deps: Deps;
  readonly #rounds: Rounds;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      everyMs: LOOK_EVERY_MS,
      round: () => this.look(),
      failed: (error) =>
        deps.log.debug({ err: error }, 'looking for seasons without levels failed; it runs again'),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): void {
    void this.#rounds.stop();
  }

  async look(): Promise<void> {
    const { builder, warmer, liveSeasons, log } = this.#deps;
    for (const season of await liveSeasons()) {
      if (season.board.ranking !== 'dense') continue;
      const epoch = await builder.withoutLevels(season);
      if (epoch === undefined) continue;
      log.info({ season: season.id }, 'season begins to keep levels for dense ranks');
      await warmer.heal(season, { epoch });
    }
  }
}
