/** Fills a cold season in Redis: the port flush/live-builder.ts over scripts/*.lua. */
import { rankedScore, type SortOrder, STAMP_WIDTH } from '@photofinish/shared/domain/order';
import type { SeasonState } from '@photofinish/shared/domain/season';
import type { Redis } from 'ioredis';
import type { LiveSeason } from '../board/live-board.ts';
import { type EntryRecord, isVacant } from '../flush/dirty-queue.ts';
import type { LiveBuilder, Rollback } from '../flush/live-builder.ts';
import { UNFLUSHED } from '../flush/merge-entry.ts';
import { ByteWriter } from './byte-writer.ts';
import { chunksOf } from './chunks.ts';
import { unpackEntry, writeEntry } from './entry-record.ts';
import { redisFault, unavailable } from './faults.ts';
import { STANDING, seasonKeys } from './keys.ts';
import { dropLock, holdLock, keepLock } from './locks.ts';
import { bucketSizeOf, stampAt } from './rank-member.ts';
import { run, runBinary, script } from './script.ts';
import { parseInfo } from './startup-check.ts';

const SHADOWS = [
  ...(['buildRank', 'buildEntries', 'buildDirty', 'buildLevels', 'buildLevelCounts'] as const),
  ...(['buildBuckets', 'buildHidden', 'buildUnranked', 'buildUnplaced'] as const),
] as const;
const BEGIN = script('begin-build', {
  keys: [...SHADOWS, 'meta', 'builder'],
  args: ['token'],
  writes: true,
});
const HIDE = script('hide-build', { keys: ['buildHidden', 'builder'], args: ['token'], writes: true });
const FILL = script('fill-build', {
  keys: [...SHADOWS, 'builder'],
  args: ['token', 'filled', 'ranking', 'bucketSize', 'entries'],
  writes: true,
});
const BUCKET = script('bucket-build', {
  keys: ['buildRank', 'buildEntries', 'buildDirty', 'buildBuckets', 'buildUnplaced', 'builder'],
  args: ['token', 'sortOrder', 'bucketSize', 'unflushed', 'count'],
  writes: true,
});
const PUBLISH = script('publish-build', {
  keys: ['rank', 'entries', 'dirty', 'claim', 'meta', ...STANDING, ...SHADOWS, 'builder'],
  args: ['token', 'epoch', 'state', 'filled', 'run', 'now', 'ranking', 'hiding'],
  writes: true,
});
const SET_ASIDE = script('set-aside', {
  keys: ['meta', 'builder'],
  args: ['token', 'epoch', 'below', 'run'],
  writes: true,
});
const LEFTOVER = script('leftover', { keys: ['entries', 'meta'], args: [], writes: false });
const LEFTOVER_PAGE = script('leftover-page', {
  keys: ['entries', 'dirty', 'claim', 'meta', 'buildEntries'],
  args: ['marks', 'cursor', 'count'],
  writes: false,
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

  async withoutLevels(season: LiveSeason): Promise<number | undefined> {
    if (this.#redis.status !== 'ready') throw unavailable(`the connection to Redis is ${this.#redis.status}`);
    try {
      const [epoch, levels] = await this.#redis.hmget(seasonKeys(season).meta, 'epoch', 'levels');
      return epoch && !levels ? Number(epoch) : undefined;
    } catch (error) {
      throw redisFault(error, false);
    }
  }

  lock(season: LiveSeason, token: string, ttlMs: number): Promise<boolean> {
    return holdLock(this.#redis, seasonKeys(season).builder, { owner: token, ttlMs });
  }

  keepLock(season: LiveSeason, token: string, ttlMs: number): Promise<boolean> {
    return keepLock(this.#redis, seasonKeys(season).builder, { owner: token, ttlMs });
  }

  async begin(season: LiveSeason, token: string): Promise<boolean> {
    this.#filled.set(token, 0);
    return (await run(this.#redis, BEGIN, { keys: seasonKeys(season), args: { token } })) === 2;
  }

  async setAside(season: LiveSeason, token: string, which: Rollback): Promise<boolean> {
    const args = {
      ...{ token, epoch: which.epoch ?? '', below: which.below ?? '' },
      run: which.otherRun ? await this.#runId() : '',
    };
    return (await run(this.#redis, SET_ASIDE, { keys: seasonKeys(season), args })) === 1;
  }

  async leftover(season: LiveSeason, players: readonly string[]): Promise<(EntryRecord | undefined)[]> {
    const call = { keys: seasonKeys(season), args: {}, rest: players };
    const packed = (await runBinary(this.#redis, LEFTOVER, call)) as Buffer[];
    return players.map((player, i) => (packed[i]?.length ? unpackEntry(player, packed[i]) : undefined));
  }

  async *unflushedLeftovers(season: LiveSeason): AsyncGenerator<EntryRecord[]> {
    for (const marks of ['claim', 'dirty']) {
      let cursor = '0';
      do {
        const call = { keys: seasonKeys(season), args: { marks, cursor, count: FILL_MAX } };
        const [next, ...pairs] = (await runBinary(this.#redis, LEFTOVER_PAGE, call)) as Buffer[];
        const records: EntryRecord[] = [];
        for (let i = 0; i + 1 < pairs.length; i += 2)
          records.push(unpackEntry(String(pairs[i]), pairs[i + 1] as Buffer));
        yield records;
        cursor = String(next);
      } while (cursor !== '0');
    }
  }

  async hide(season: LiveSeason, token: string, players: readonly string[]): Promise<boolean> {
    for (const part of chunksOf(players, FILL_MAX)) {
      const call = { keys: seasonKeys(season), args: { token }, rest: part };
      if ((await run(this.#redis, HIDE, call)) !== 1) return false;
    }
    return true;
  }

  /** Another id than before: Redis was restarted, or another one took its place. */
  async #runId(): Promise<string> {
    if (this.#redis.status !== 'ready') throw unavailable(`the connection to Redis is ${this.#redis.status}`);
    try {
      return parseInfo(await this.#redis.info('server')).get('run_id') ?? '';
    } catch (error) {
      throw redisFault(error, false);
    }
  }

  async fill(season: LiveSeason, token: string, records: readonly EntryRecord[]): Promise<boolean> {
    const keys = seasonKeys(season);
    const bucketSize = bucketSizeOf(season.board);
    let sent: Promise<unknown> = Promise.resolve(this.#filled.get(token) ?? 0);
    for (const part of chunksOf(records, FILL_MAX)) {
      // Put together while Redis is busy with the part before.
      const entries = entriesOf(season.board.sortOrder, part);
      const filled = (await sent) as number;
      if (filled === -1) return false;
      const args = { token, filled, ranking: season.board.ranking, bucketSize, entries };
      sent = run(this.#redis, FILL, { keys, args });
    }
    const filled = (await sent) as number;
    if (filled === -1) return false;
    this.#filled.set(token, filled);
    return true;
  }

  async publish(
    season: LiveSeason,
    token: string,
    { hiding = 0, ...as }: { epoch: number; state: SeasonState; hiding?: number },
  ): Promise<boolean> {
    if (!(await this.#bucketLast(season, token))) return false;
    const { ranking } = season.board;
    const filled = this.#filled.get(token) ?? 0;
    const args = {
      token,
      ...as,
      hiding,
      filled,
      run: await this.#runId(),
      now: stampAt(Date.now()),
      ranking,
    };
    return (await run(this.#redis, PUBLISH, { keys: seasonKeys(season), args })) === 1;
  }

  /** Those who have no place in a bucket come after all who have one, or they would take theirs. */
  async #bucketLast({ board, id }: LiveSeason, token: string): Promise<boolean> {
    if (!board.buckets) return true;
    const { sortOrder, buckets } = board;
    const args = { token, sortOrder, bucketSize: buckets.size, unflushed: UNFLUSHED, count: FILL_MAX };
    let waiting: number;
    do {
      waiting = (await run(this.#redis, BUCKET, { keys: seasonKeys({ id, board }), args })) as number;
    } while (waiting > 0);
    return waiting === 0;
  }

  async unlock(season: LiveSeason, token: string): Promise<void> {
    this.#filled.delete(token);
    await dropLock(this.#redis, seasonKeys(season).builder, token);
  }
}

/** As scripts/fill-build.lua takes them apart: each with its player, its member and ranked score, whether it is dirty, its bucket and its
 *  packed record. */
function entriesOf(sortOrder: SortOrder, part: readonly EntryRecord[]): Buffer {
  const to = new ByteWriter(part.length * ENTRY_BYTES);
  for (const entry of part) {
    to.short(entry.player);
    if (isVacant(entry)) to.short('');
    else {
      const columns = entry.columnsKey ?? '';
      to.u8(columns.length + STAMP_WIDTH + entry.player.length);
      to.text(columns);
      to.stamp(entry.achievedAt);
      to.text(entry.player);
    }
    to.short(String(rankedScore(sortOrder, entry.score)));
    to.u8(entry.rev > 0 ? 1 : 0);
    to.short(entry.bucket ?? '');
    // Who is hidden is for the list to say that the build was told, not for the entry's past.
    to.counted(() => writeEntry(to, entry, false));
  }
  return to.written();
}

/** More than most take. */
const ENTRY_BYTES = 150;
