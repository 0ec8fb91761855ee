/** A warm season of its own in a real Redis, and all that Redis holds of it. */
import { type BoardInput, boardSchema } from '@photofinish/shared/domain/board';
import { compareEntries } from '@photofinish/shared/domain/order';
import type { SeasonState } from '@photofinish/shared/domain/season';
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { LiveSeason, TickBatchResult, TickWrite } from '../../../server/src/board/live-board.ts';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { openRedis, redisReady } from '../../../server/src/redis/connections.ts';
import { RedisDirtyQueue } from '../../../server/src/redis/dirty-queue.ts';
import { unpackEntry } from '../../../server/src/redis/entry-record.ts';
import { seasonKeys } from '../../../server/src/redis/keys.ts';
import { RedisLiveBoard } from '../../../server/src/redis/live-board.ts';
import { RedisLiveBuilder } from '../../../server/src/redis/live-builder.ts';
import { entryOfMember } from '../../../server/src/redis/rank-member.ts';

export const T0 = 1_800_000_000_000;
export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface Ports {
  redis: Redis;
  live: RedisLiveBoard;
  queue: RedisDirtyQueue;
  builder: RedisLiveBuilder;
  close: () => void;
}

export async function openPorts(url: string, commandTimeoutMs = 10_000): Promise<Ports> {
  const redis = openRedis({ url, commandTimeoutMs, name: 'test', log: silent });
  await redisReady(redis, 10_000);
  return {
    redis,
    live: new RedisLiveBoard(redis),
    queue: new RedisDirtyQueue(redis),
    builder: new RedisLiveBuilder(redis),
    close: () => redis.disconnect(),
  };
}

export const coldSeason = (board: Partial<BoardInput> = {}): LiveSeason => ({
  id: nanoid(),
  board: boardSchema.parse({ id: 'live', title: 'Live', ...board }),
});

export async function warm(
  { builder }: Pick<Ports, 'builder'>,
  season: LiveSeason,
  as: { records?: EntryRecord[]; epoch?: number; state?: SeasonState; hidden?: string[] } = {},
): Promise<LiveSeason> {
  const { records = [], epoch = 1, state = 'open', hidden = [] } = as;
  const token = nanoid();
  const built =
    (await builder.lock(season, token, 10_000)) &&
    (await builder.begin(season, token).then(() => true)) &&
    (await builder.hide(season, token, hidden)) &&
    (await builder.fill(season, token, records)) &&
    (await builder.publish(season, token, { epoch, state }));
  await builder.unlock(season, token);
  if (!built) throw new Error(`season ${season.id} was not built`);
  return season;
}

export const tickOf = (player: string, score: number, more: Partial<TickWrite> = {}): TickWrite => ({
  player,
  writer: 'w',
  matchKey: '',
  score,
  delta: undefined,
  seq: undefined,
  at: T0,
  ...more,
});

/** @throws Error unless the batch was taken */
export function taken(result: TickBatchResult): Extract<TickBatchResult, { kind: 'ok' }> {
  if (result.kind !== 'ok') throw new Error(`the batch was answered ${result.kind}`);
  return result;
}

/** All records, in the order of the ZSET; the two must name the same entries. */
export async function entriesInRedis(
  { redis }: Pick<Ports, 'redis'>,
  season: LiveSeason,
): Promise<EntryRecord[]> {
  const keys = seasonKeys(season);
  const packed = (await redis.hgetallBuffer(keys.entries)) as Record<string, Buffer>;
  // Pairs under RESP3, one flat list under RESP2.
  const listed = ((await redis.call('ZRANGE', keys.rank, '0', '-1', 'WITHSCORES')) as unknown[]).flat();
  const ranked: EntryRecord[] = [];
  for (let i = 0; i < listed.length; i += 2) {
    const member = entryOfMember(season.board, String(listed[i]), Number(listed[i + 1]));
    const bytes = packed[member.player];
    if (!bytes) throw new Error(`${member.player} is ranked and has no record`);
    const record = unpackEntry(member.player, bytes);
    if (compareEntries(season.board.sortOrder, record, member) !== 0)
      throw new Error(`${member.player} is ranked with another score, columns or time than its record has`);
    ranked.push(record);
  }
  if (Object.keys(packed).length !== ranked.length) throw new Error('some records are not ranked');
  return ranked;
}

/** A claim's id and all its records. */
export async function claimAll({ queue }: Pick<Ports, 'queue'>, season: LiveSeason, count = 100) {
  const claim = await queue.claim(season);
  if (claim.kind !== 'ok') throw new Error('cold');
  const records = new Map<string, EntryRecord>();
  let cursor = '0';
  do {
    const page = await queue.page(season, cursor, count);
    for (const record of page.records) records.set(record.player, record);
    cursor = page.cursor;
  } while (cursor !== '0');
  return { ...claim, records };
}
