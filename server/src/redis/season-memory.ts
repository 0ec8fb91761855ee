/** A season's place in Redis's memory, given up. */
import type { Redis } from 'ioredis';
import type { LiveSeason } from '../board/live-board.ts';
import type { SeasonMemory } from '../season/import-store.ts';
import { STANDING, seasonKeys } from './keys.ts';
import { run, script } from './script.ts';

const FORGET = script('forget', {
  keys: ['rank', 'entries', 'dirty', 'claim', 'meta', ...STANDING],
  args: [],
  writes: true,
});

export class RedisSeasonMemory implements SeasonMemory {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async forget(season: LiveSeason): Promise<boolean> {
    return (await run(this.#redis, FORGET, { keys: seasonKeys(season), args: {} })) === 1;
  }
}
