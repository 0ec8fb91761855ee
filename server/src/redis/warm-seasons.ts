/** What Redis holds: which seasons, and taking one out. The port flush/warm-seasons.ts. */
import type { Redis } from 'ioredis';
import type { LiveSeason, Position } from '../board/live-board.ts';
import type { WarmSeasons } from '../flush/warm-seasons.ts';
import { redisFault, unavailable } from './faults.ts';
import { META_PATTERN, STANDING, seasonKeys, seasonOfMeta } from './keys.ts';
import { run, script } from './script.ts';

const EVICT = script('evict', {
  keys: ['rank', 'entries', 'dirty', 'claim', 'meta', ...STANDING],
  args: ['epoch', 'version'],
  writes: true,
});

/** Keys that one SCAN looks at: well under a millisecond. */
const SCAN_COUNT = 500;

export class RedisWarmSeasons implements WarmSeasons {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async ids(): Promise<string[]> {
    if (this.#redis.status !== 'ready') throw unavailable(`the connection to Redis is ${this.#redis.status}`);
    const ids = new Set<string>();
    try {
      let cursor = '0';
      do {
        const [next, keys] = await this.#redis.scan(cursor, 'MATCH', META_PATTERN, 'COUNT', SCAN_COUNT);
        for (const key of keys) {
          const id = seasonOfMeta(key);
          if (id !== undefined) ids.add(id);
        }
        cursor = next;
      } while (cursor !== '0');
    } catch (error) {
      throw redisFault(error, false);
    }
    return [...ids];
  }

  async evict(season: LiveSeason, seen?: Position): Promise<boolean> {
    const args = { epoch: seen?.epoch ?? '', version: seen?.version ?? '' };
    return (await run(this.#redis, EVICT, { keys: seasonKeys(season), args })) === 1;
  }
}
