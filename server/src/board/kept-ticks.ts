/** Applies batches of ticks to a season that may lose its memory at any moment.
 *
 *  Each batch names where this server saw the season last. A season that is cold, has begun another epoch, or went back in time takes
 *  nothing of it: first it is made whole, then what this server acked before is applied again, and only then the batch. In any other order
 *  a new delta's seq would pass off an older one, acked and lost, as seen. One batch per season at a time: the caller sees to it. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { SnapshotStore } from '../flush/snapshot-store.ts';
import type { Warmer } from '../flush/warmer.ts';
import type { LiveBoard, LiveSeason, Position, TickBatchResult, TickWrite } from './live-board.ts';
import type { Redo } from './redo.ts';

/** Of one batch. A season that is lost this often within it is not going to stay. */
const TRIES_MAX = 6;

interface Deps {
  live: Pick<LiveBoard, 'tick'>;
  warmer: Pick<Warmer, 'warm' | 'heal'>;
  store: Pick<SnapshotStore, 'watermark'>;
  redo: Redo;
}

export class KeptTicks {
  readonly #live: Deps['live'];
  readonly #warmer: Deps['warmer'];
  readonly #store: Deps['store'];
  readonly #redo: Redo;
  /** Bounded by the seasons that this server took ticks of. */
  readonly #seen = new Map<string, Position>();

  constructor(deps: Deps) {
    this.#live = deps.live;
    this.#warmer = deps.warmer;
    this.#store = deps.store;
    this.#redo = deps.redo;
  }

  /** An empty batch applies nothing, and notices a lost season as any other does.
   *  @returns undefined for an empty one when the season is cold and this server owes it nothing: it stays cold. @throws Fault */
  async apply(
    season: LiveSeason,
    ticks: readonly TickWrite[],
  ): Promise<Extract<TickBatchResult, { kind: 'ok' | 'not-open' }> | undefined> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const seen = this.#seen.get(season.id);
      const result = await this.#live.tick(season, ticks, { seen });
      switch (result.kind) {
        case 'ok':
          this.#seen.set(season.id, { epoch: result.epoch, version: result.version });
          if (ticks.length > 0) this.#redo.keep(season, ticks, result);
          return result;
        case 'not-open':
          return result;
        case 'cold':
          if (ticks.length === 0 && !(await this.#owes(season))) return undefined;
          await this.#warmer.warm(season);
          break;
        case 'moved':
          // Epochs only grow: an older one is a Redis that was restored.
          if (seen && result.epoch < seen.epoch) await this.#warmer.heal(season, { epoch: result.epoch });
          else if (await this.#redo.run(season, result.epoch))
            this.#seen.set(season.id, { epoch: result.epoch, version: 0 });
          break;
        case 'behind':
          await this.#warmer.heal(season, { epoch: result.epoch });
      }
    }
    throw new Fault('UNAVAILABLE', `season: ${season.id} keeps leaving memory; try again`, {
      field: 'season',
      retryAfterMs: 1_000,
    });
  }

  /** Read once the season is known to be cold: what was flushed before it left is passed by this watermark. */
  async #owes({ id }: LiveSeason): Promise<boolean> {
    const watermark = await this.#store.watermark(id);
    if (watermark) this.#redo.prune(id, watermark);
    return this.#redo.kept(id) > 0;
  }
}
