/** The build lock of a season, held for as long as its builder lives and hears from Redis, and hardly longer: while somebody who is gone
 *  holds it, the season takes no tick on any server.
 *
 *  It only saves work. Every step of a build names the token, and what comes after another took the lock does nothing. */
import { nanoid } from 'nanoid';
import type { LiveSeason } from '../board/live-board.ts';
import type { Log } from '../observe/log.ts';
import type { LiveBuilder } from './live-builder.ts';

/** How long a season can be out of service for a builder that was killed. Must exceed the longest pause of a healthy process and of its
 *  Redis by `KEEP_MS`, or a second builder starts over. */
const LOCK_MS = 2_000;
const KEEP_MS = 500;

interface Deps {
  builder: Pick<LiveBuilder, 'lock' | 'keepLock' | 'unlock'>;
  log: Log;
}

export class BuildLock {
  readonly #deps: Deps;
  /** Season -> token of a lock that may still be there: Redis was not heard when it was taken or given back. */
  readonly #left = new Map<string, string>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Runs `work` with the lock. One call per season at a time. @returns undefined when somebody else has it */
  async hold<T>(season: LiveSeason, work: (token: string) => Promise<T>): Promise<T | undefined> {
    const { builder, log } = this.#deps;
    const left = this.#left.get(season.id);
    if (left !== undefined) await this.#giveBack(season, left);
    const token = nanoid();
    this.#left.set(season.id, token);
    if (!(await builder.lock(season, token, LOCK_MS))) {
      this.#left.delete(season.id);
      return undefined;
    }
    const keeping = setInterval(() => {
      builder
        .keepLock(season, token, LOCK_MS)
        .catch((error) => log.debug({ err: error, season: season.id }, 'build lock not prolonged'));
    }, KEEP_MS);
    try {
      return await work(token);
    } finally {
      clearInterval(keeping);
      await this.#giveBack(season, token);
    }
  }

  async #giveBack(season: LiveSeason, token: string): Promise<void> {
    try {
      await this.#deps.builder.unlock(season, token);
      this.#left.delete(season.id);
    } catch (error) {
      this.#deps.log.debug({ err: error, season: season.id }, 'build unlock failed');
    }
  }
}
