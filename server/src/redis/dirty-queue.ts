/** The dirty and claimed entries of a season in Redis: the port flush/dirty-queue.ts over scripts/*.lua. */
import { msOfStamp } from '@photofinish/shared/domain/order';
import type { Redis } from 'ioredis';
import type { LiveSeason } from '../board/live-board.ts';
import type { ClaimId, ClaimPage, ClaimResult, DirtyQueue, EntryRecord } from '../flush/dirty-queue.ts';
import { chunksOf } from './chunks.ts';
import { unpackEntry } from './entry-record.ts';
import { unavailable } from './faults.ts';
import { seasonKeys } from './keys.ts';
import { run, runBinary, script } from './script.ts';

const CLAIM = script('claim', { keys: ['dirty', 'claim', 'meta'], args: [], writes: true });
const PAGE = script('page', { keys: ['entries', 'claim', 'meta'], args: ['cursor', 'count'], writes: false });
const ACK = script('ack', { keys: ['claim', 'meta'], args: ['epoch', 'flushNo', 'done'], writes: true });
const TAKE_LEASE = script('take-lease', {
  keys: ['lease', 'crew'],
  args: ['owner', 'ttlMs', 'stayMs'],
  writes: true,
});
const LEAVE_LEASE = script('leave-lease', { keys: ['lease', 'crew'], args: ['owner'], writes: true });

/** A server is asked for its leases every second or so; one that misses some of that is still there. Lower, and seasons move between
 *  servers that are only busy; higher, and a dead server's seasons wait longer. */
const STAY_LONGER_MS = 2_500;

/** Players in one call: keeps a call to about a millisecond of Redis. */
const ACK_MAX = 4_000;

type ClaimReply =
  | ['cold']
  | ['aside']
  | ['ok', epoch: number, version: number, flushNo: number, players: number, since: string];

export class RedisDirtyQueue implements DirtyQueue {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async claim(season: LiveSeason): Promise<ClaimResult> {
    const reply = (await run(this.#redis, CLAIM, { keys: seasonKeys(season), args: {} })) as ClaimReply;
    if (reply[0] === 'cold') return { kind: 'cold' };
    if (reply[0] === 'aside') return { kind: 'cold', aside: true };
    const [kind, epoch, version, flushNo, players, since] = reply;
    return {
      kind,
      claim: { epoch, flushNo },
      players,
      dirtySince: since === '' ? undefined : msOfStamp(since),
      epoch,
      version,
    };
  }

  /** About `count` records; small claims come whole. @throws Fault UNAVAILABLE when the season went cold: an empty
   *  page would tell the flusher that all of the claim is committed */
  async page(season: LiveSeason, cursor: string, count: number): Promise<ClaimPage> {
    const call = { keys: seasonKeys(season), args: { cursor, count } };
    const [kind, next, ...pairs] = (await runBinary(this.#redis, PAGE, call)) as Buffer[];
    if (String(kind) === 'cold')
      throw unavailable(`season ${season.id} left memory while it was being flushed`);
    const records: EntryRecord[] = [];
    for (let i = 0; i + 1 < pairs.length; i += 2)
      records.push(unpackEntry(String(pairs[i]), pairs[i + 1] as Buffer));
    return { records, cursor: String(next) };
  }

  async ack(season: LiveSeason, claim: ClaimId, players: readonly string[], done: boolean): Promise<void> {
    const keys = seasonKeys(season);
    const { epoch, flushNo } = claim;
    const parts = chunksOf(players, ACK_MAX);
    for (const [i, part] of parts.entries()) {
      const last = done && i === parts.length - 1;
      await run(this.#redis, ACK, { keys, args: { epoch, flushNo, done: last ? 1 : 0 }, rest: part });
    }
  }

  async lease(season: LiveSeason, owner: string, ttlMs: number): Promise<boolean> {
    const args = { owner, ttlMs, stayMs: ttlMs + STAY_LONGER_MS };
    return (await run(this.#redis, TAKE_LEASE, { keys: seasonKeys(season), args })) === 1;
  }

  async release(season: LiveSeason, owner: string): Promise<void> {
    await run(this.#redis, LEAVE_LEASE, { keys: seasonKeys(season), args: { owner } });
  }
}
