/** Seasons that Redis still holds, whatever Postgres says of them. A closed season whose last entries were not flushed when all servers
 *  died is among them for as long as it takes, so that no time limit decides whether they are ever written. */
import type { Log } from '../observe/log.ts';
import type { WarmSeasons } from './warm-seasons.ts';

/** How late such a season is found. Every look goes through all keys of Redis, some hundred at a time. */
const FRESH_MS = 30_000;

export class Leftovers {
  readonly #warm: Pick<WarmSeasons, 'ids'>;
  readonly #log: Log;
  #ids: readonly string[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(warm: Pick<WarmSeasons, 'ids'>, log: Log) {
    this.#warm = warm;
    this.#log = log;
  }

  /** As of the last look that was answered. Rejects never. */
  async ids(): Promise<readonly string[]> {
    if (performance.now() - this.#readAt < FRESH_MS) return this.#ids;
    try {
      this.#ids = await this.#warm.ids();
      this.#readAt = performance.now();
    } catch (error) {
      this.#log.debug({ err: error }, 'looking for seasons in redis failed; it is tried again');
    }
    return this.#ids;
  }
}
