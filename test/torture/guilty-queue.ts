/** Two designs of the dirty queue that are known to lose scores, over a real Redis: the torture must find each of them guilty.
 *
 *  spop   takes players out of the dirty set and then writes them: a crash or a failed write in between loses them
 *  srem   writes what is dirty and then takes it out of the set: a change in between loses its mark, without any crash */
import { setTimeout } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { LiveSeason } from '../../server/src/board/live-board.ts';
import type { ClaimId, ClaimPage, ClaimResult, EntryRecord } from '../../server/src/flush/dirty-queue.ts';
import { RedisDirtyQueue } from '../../server/src/redis/dirty-queue.ts';
import { unpackEntry } from '../../server/src/redis/entry-record.ts';
import { seasonKeys } from '../../server/src/redis/keys.ts';

export const GUILTS = ['spop', 'srem'] as const;
export type Guilt = (typeof GUILTS)[number];

/** As a slow database would: the design is as guilty without it, but a short run on a busy machine may not see it. */
const SLOW_COMMIT_MS = 100;

export class GuiltyQueue extends RedisDirtyQueue {
  readonly #redis: Redis;
  readonly #guilt: Guilt;

  constructor(redis: Redis, guilt: Guilt) {
    super(redis);
    this.#redis = redis;
    this.#guilt = guilt;
  }

  override async claim(season: LiveSeason): Promise<ClaimResult> {
    const { meta, dirty } = seasonKeys(season);
    const [epoch, version] = await this.#redis.hmget(meta, 'epoch', 'version');
    if (!epoch) return { kind: 'cold' };
    const players = await this.#redis.scard(dirty);
    const position = { epoch: Number(epoch), version: Number(version) };
    const claim = { epoch: position.epoch, flushNo: 0 };
    return { kind: 'ok', ...position, claim, players, dirtySince: undefined };
  }

  override async page(season: LiveSeason, _: string, count: number): Promise<ClaimPage> {
    const { dirty, entries } = seasonKeys(season);
    const players =
      this.#guilt === 'spop'
        ? ((await this.#redis.spop(dirty, count)) as string[])
        : (await this.#redis.smembers(dirty)).slice(0, count);
    const packed = players.length === 0 ? [] : await this.#redis.hmgetBuffer(entries, ...players);
    const records = packed.flatMap((record, i): EntryRecord[] =>
      record ? [unpackEntry(players[i] ?? '', record)] : [],
    );
    return { records, cursor: '0' };
  }

  override async ack(season: LiveSeason, _: ClaimId, players: readonly string[]): Promise<void> {
    if (this.#guilt === 'spop' || players.length === 0) return;
    await setTimeout(SLOW_COMMIT_MS);
    await this.#redis.srem(seasonKeys(season).dirty, ...players);
  }
}
