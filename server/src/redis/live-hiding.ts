/** Who is hidden in live seasons: the port board/live-hiding.ts over scripts/*.lua. */
import type { Redis } from 'ioredis';
import type { LiveSeason } from '../board/live-board.ts';
import type { LiveHiding, LiveHidingChange } from '../board/live-hiding.ts';
import { redisFault, unavailable } from './faults.ts';
import { seasonKeys } from './keys.ts';
import { run, script } from './script.ts';

const SET_HIDDEN = script('set-hidden', {
  keys: ['rank', 'entries', 'meta', 'levels', 'levelCounts', 'hidden', 'unranked'],
  args: ['sortOrder', 'listVersion', 'after', 'hide'],
  writes: true,
});

/** Players that one SSCAN looks at. */
const SCAN_COUNT = 1_000;

export class RedisLiveHiding implements LiveHiding {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async version(season: LiveSeason) {
    const [epoch, told] = await this.#ask((redis) => redis.hmget(seasonKeys(season).meta, 'epoch', 'hiding'));
    if (!epoch) return { kind: 'cold' as const };
    return { kind: 'ok' as const, version: Number(told ?? 0) };
  }

  async *hidden(season: LiveSeason): AsyncGenerator<string[]> {
    let cursor = '0';
    do {
      const from = cursor;
      const [next, players] = await this.#ask((redis) =>
        redis.sscan(seasonKeys(season).hidden, from, 'COUNT', SCAN_COUNT),
      );
      yield players;
      cursor = next;
    } while (cursor !== '0');
  }

  /** At most 1,000 players keep the call to a few milliseconds of Redis. */
  async setHidden(season: LiveSeason, { hide, show, version, after }: LiveHidingChange) {
    const reply = (await run(this.#redis, SET_HIDDEN, {
      keys: seasonKeys(season),
      args: { sortOrder: season.board.sortOrder, listVersion: version, after, hide: hide.length },
      rest: [...hide, ...show],
    })) as ['cold'] | ['ok', number];
    return reply[0] === 'cold' ? { kind: 'cold' as const } : { kind: 'ok' as const, version: reply[1] };
  }

  async #ask<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#redis.status !== 'ready') throw unavailable(`the connection to Redis is ${this.#redis.status}`);
    try {
      return await command(this.#redis);
    } catch (error) {
      throw redisFault(error, false);
    }
  }
}
