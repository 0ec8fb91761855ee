/** One player in the live seasons: the port board/live-players.ts. */
import type { Redis } from 'ioredis';
import type { LiveSeason } from '../board/live-board.ts';
import type { LivePlayers } from '../board/live-players.ts';
import { redisFault, unavailable } from './faults.ts';
import { STANDING, seasonKeys } from './keys.ts';
import { stampAt } from './rank-member.ts';
import { run, script } from './script.ts';

const RENAME = script('rename-entry', {
  keys: ['rank', 'entries', 'dirty', 'meta', ...STANDING, 'builder'],
  args: ['sortOrder', 'from', 'to', 'now'],
  writes: true,
});

export class RedisLivePlayers implements LivePlayers {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async has(season: LiveSeason, player: string): Promise<boolean> {
    if (this.#redis.status !== 'ready') throw unavailable(`the connection to Redis is ${this.#redis.status}`);
    try {
      return (await this.#redis.hexists(seasonKeys(season).entries, player)) === 1;
    } catch (error) {
      throw redisFault(error, false);
    }
  }

  async rename(season: LiveSeason, of: { from: string; to: string; now: number }) {
    const { sortOrder } = season.board;
    const args = { sortOrder, from: of.from, to: of.to, now: stampAt(of.now) };
    const reply = await run(this.#redis, RENAME, { keys: seasonKeys(season), args });
    return reply as 'renamed' | 'absent' | 'building';
  }
}
