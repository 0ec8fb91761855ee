/** Live entries for reconciling: the port flush/live-scan.ts over scripts/*.lua. */
import type { Redis } from 'ioredis';
import type { LiveSeason } from '../board/live-board.ts';
import type { BehindEntry, Healing, LeastEntry, LiveScan, ScanPage } from '../flush/live-scan.ts';
import { chunksOf } from './chunks.ts';
import { packEntry, unpackEntry } from './entry-record.ts';
import { redisFault } from './faults.ts';
import { STANDING, seasonKeys } from './keys.ts';
import { bucketSizeOf, columnsWidth, stampAt } from './rank-member.ts';
import { run, runBinary, script } from './script.ts';

const SCAN = script('scan', {
  keys: ['rank', 'entries', 'dirty', 'claim', 'meta', 'unranked'],
  args: ['sortOrder', 'cursor', 'count'],
  writes: false,
});
const LOOK = script('look', { keys: ['entries', 'meta'], args: ['epoch'], writes: false });
const HEAL = script('heal', {
  keys: ['rank', 'entries', 'dirty', 'meta', ...STANDING],
  args: ['epoch', 'sortOrder', 'now', 'floor', 'bucketSize'],
  writes: true,
});
const PRUNE = script('prune', {
  keys: ['rank', 'entries', 'meta', 'levels', 'levelCounts'],
  args: ['bucket', 'cursor', 'count', 'columnsWidth'],
  writes: true,
});

/** Entries in one call: keeps a call to about a millisecond of Redis, which serves ticks meanwhile. */
const PART = 500;

export class RedisLiveScan implements LiveScan {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async scan(season: LiveSeason, cursor: string, count: number): Promise<ScanPage> {
    const { sortOrder } = season.board;
    const call = { keys: seasonKeys(season), args: { sortOrder, cursor, count } };
    const [kind, ...rest] = (await runBinary(this.#redis, SCAN, call)) as [Buffer, ...(Buffer | number)[]];
    if (String(kind) === 'cold') return { kind: 'cold' };
    const [epoch, version, next, entries, ranked, leftOut, ...triples] = rest;
    const clean = [];
    for (let i = 0; i + 2 < triples.length; i += 3)
      clean.push({
        record: unpackEntry(String(triples[i]), triples[i + 1] as Buffer),
        misplaced: triples[i + 2] === 1,
      });
    return {
      kind: 'ok',
      epoch: Number(epoch),
      version: Number(version),
      cursor: String(next),
      entries: Number(entries),
      ranked: Number(ranked),
      leftOut: Number(leftOut),
      clean,
    };
  }

  async behind(season: LiveSeason, epoch: number, players: readonly LeastEntry[]) {
    const entries: BehindEntry[] = [];
    let now = epoch;
    for (const part of chunksOf(players, PART)) {
      const reply = (await runBinary(this.#redis, LOOK, {
        keys: seasonKeys(season),
        args: { epoch },
        rest: part.flatMap(({ player, rev, finals }) => [player, rev, finals]),
      })) as [Buffer, number, ...(Buffer | number)[]];
      if (String(reply[0]) === 'cold') return { kind: 'cold' as const };
      now = reply[1];
      for (let i = 2; i + 2 < reply.length; i += 3) entries.push(behindEntry(reply.slice(i, i + 3)));
    }
    return { kind: 'ok' as const, epoch: now, entries };
  }

  async heal(
    season: LiveSeason,
    as: { epoch: number; now: number; floor: number },
    entries: readonly Healing[],
  ): Promise<number> {
    const { epoch, floor } = as;
    const { sortOrder } = season.board;
    const args = { epoch, sortOrder, now: stampAt(as.now), floor, bucketSize: bucketSizeOf(season.board) };
    let healed = 0;
    for (const part of chunksOf(entries, PART)) {
      const rest = part.flatMap(({ record, seen }) => [record.player, seen ?? '', packEntry(record)]);
      healed += Math.max(
        0,
        (await run(this.#redis, HEAL, { keys: seasonKeys(season), args, rest })) as number,
      );
    }
    return healed;
  }

  async prune(season: LiveSeason): Promise<number> {
    let pruned = await this.#pruneOne(season, '');
    for (const bucket of await this.#buckets(season)) pruned += await this.#pruneOne(season, bucket);
    return pruned;
  }

  async #pruneOne(season: LiveSeason, bucket: string): Promise<number> {
    let pruned = 0;
    let cursor = '0';
    do {
      const args = { bucket, cursor, count: PART, columnsWidth: columnsWidth(season.board) };
      const call = { keys: seasonKeys(season), args };
      const reply = (await run(this.#redis, PRUNE, call)) as ['cold'] | ['ok', string, number];
      if (reply[0] === 'cold') return pruned;
      cursor = String(reply[1]);
      pruned += reply[2];
    } while (cursor !== '0');
    return pruned;
  }

  async #buckets(season: LiveSeason): Promise<string[]> {
    if (!season.board.buckets) return [];
    try {
      const fields = await this.#redis.hkeys(seasonKeys(season).buckets);
      return fields.filter((field) => !field.startsWith('>'));
    } catch (error) {
      throw redisFault(error, false);
    }
  }
}

function behindEntry(triple: readonly (Buffer | number)[]): BehindEntry {
  const player = String(triple[0]);
  const packed = triple[2] as Buffer;
  return {
    player,
    behind: triple[1] === 3 ? 'both' : triple[1] === 2 ? 'finals' : 'rev',
    record: packed.length === 0 ? undefined : unpackEntry(player, packed),
  };
}
