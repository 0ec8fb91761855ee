/** Gives the levels that dense ranks are read from to seasons of boards that began to rank dense while they were played.
 *
 *  The season is begun anew by merging, as one that went back in time: nothing of it is lost, ticks wait for it meanwhile. A season that
 *  keeps levels keeps them when its board ranks otherwise again, until it leaves memory. */
import type { LiveSeason } from '../board/live-board.ts';
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
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { builder, warmer, liveSeasons, log } = this.#deps;
    try {
      for (const season of await liveSeasons()) {
        if (season.board.ranking !== 'dense') continue;
        const epoch = await builder.withoutLevels(season);
        if (epoch === undefined) continue;
        log.info({ season: season.id }, 'season begins to keep levels for dense ranks');
        await warmer.heal(season, { epoch });
      }
    } catch (error) {
      log.debug({ err: error }, 'looking for seasons without levels failed; it runs again');
    } finally {
      this.#looking = false;
    }
  }
}
