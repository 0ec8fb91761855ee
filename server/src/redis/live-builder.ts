/** Fills a cold season in Redis: the port flush/live-builder.ts over scripts/*.lua. */
import type { SeasonState } from '@photofinish/shared/domain/season';
import type { Redis } from 'ioredis';
import type { LiveSeason } from '../board/live-board.ts';
import type { EntryRecord } from '../flush/dirty-queue.ts';
import type { LiveBuilder } from '../flush/live-builder.ts';
import { chunksOf } from './chunks.ts';
import { packEntry } from './entry-record.ts';
import { redisFault, unavailable } from './faults.ts';
import { type SeasonKeys, seasonKeys } from './keys.ts';
import { dropLock, holdLock } from './locks.ts';
import { rankMember } from './rank-member.ts';
import { run, type ScriptArg, script } from './script.ts';

const BEGIN = script('begin-build', {
  keys: ['buildRank', 'buildEntries', 'builder'],
  args: ['token'],
  writes: true,
});
const FILL = script('fill-build', {
  keys: ['buildRank', 'buildEntries', 'builder'],
  args: ['token', 'ttlMs', 'filled'],
  writes: true,
});
const PUBLISH = script('publish-build', {
  keys: ['rank', 'entries', 'dirty', 'claim', 'meta', 'buildRank', 'buildEntries', 'builder'],
  args: ['token', 'epoch', 'state', 'filled'],
  writes: true,
});

/** Entries in one call: keeps a call to a few milliseconds of Redis, which serves other seasons meanwhile. */
const FILL_MAX = 1_000;

export class RedisLiveBuilder implements LiveBuilder {
  readonly #redis: Redis;
  /** Entries that this process has put into the shadow keys, by token. A Redis that lost some of them since is found by
   *  the difference; without it a season with holes could be published, and its holes flushed over what was whole. */
  readonly #filled = new Map<string, number>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async isWarm(season: LiveSeason): Promise<boolean> {
    if (this.#redis.status !== 'ready') throw unavailable(`the connection to Redis is ${this.#redis.status}`);
    try {
      return (await this.#redis.hexists(seasonKeys(season).meta, 'epoch')) === 1;
    } catch (error) {
      throw redisFault(error, false);
    }
  }

  lock(season: LiveSeason, token: string, ttlMs: number): Promise<boolean> {
    return holdLock(this.#redis, seasonKeys(season).builder, { owner: token, ttlMs });
  }

  async begin(season: LiveSeason, token: string): Promise<void> {
    this.#filled.set(token, 0);
    await run(this.#redis, BEGIN, { keys: seasonKeys(season), args: { token } });
  }

  async fill(
    season: LiveSeason,
    token: string,
    records: readonly EntryRecord[],
    ttlMs: number,
  ): Promise<boolean> {
    const keys = seasonKeys(season);
    for (const part of chunksOf(records, FILL_MAX))
      if (!(await this.#fillPart(season, keys, { token, part, ttlMs }))) return false;
    return true;
  }

  async #fillPart(
    season: LiveSeason,
    keys: SeasonKeys,
    { token, part, ttlMs }: { token: string; part: readonly EntryRecord[]; ttlMs: number },
  ): Promise<boolean> {
    const filled = await run(this.#redis, FILL, {
      keys,
      args: { token, ttlMs, filled: this.#filled.get(token) ?? 0 },
      rest: part.flatMap((entry): ScriptArg[] => {
        const { member, ranked } = rankMember(season.board.sortOrder, entry);
        return [entry.player, packEntry(entry), member, ranked];
      }),
    });
    if (filled === -1) return false;
    this.#filled.set(token, filled as number);
    return true;
  }

  async publish(
    season: LiveSeason,
    token: string,
    as: { epoch: number; state: SeasonState },
  ): Promise<boolean> {
    const { epoch, state } = as;
    const args = { token, epoch, state, filled: this.#filled.get(token) ?? 0 };
    return (await run(this.#redis, PUBLISH, { keys: seasonKeys(season), args })) === 1;
  }

  async unlock(season: LiveSeason, token: string): Promise<void> {
    this.#filled.delete(token);
    await dropLock(this.#redis, seasonKeys(season).builder, token);
  }
}
