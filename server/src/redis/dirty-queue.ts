/** The dirty and claimed entries of a season in Redis: the port flush/dirty-queue.ts over scripts/*.lua. */
import { msOfStamp } from '@photofinish/shared/domain/order';
import type { Redis } from 'ioredis';
import type { LiveSeason } from '../board/live-board.ts';
import type { ClaimId, ClaimPage, ClaimResult, DirtyQueue, EntryRecord } from '../flush/dirty-queue.ts';
import { chunksOf } from './chunks.ts';
import { unpackEntry } from './entry-record.ts';
import { unavailable } from './faults.ts';
import { seasonKeys } from './keys.ts';
import { stampAt } from './rank-member.ts';
import { run, runBinary, script } from './script.ts';

const CLAIM = script('claim', { keys: ['dirty', 'claim', 'meta'], args: [], writes: true });
const PAGE = script('page', { keys: ['entries', 'claim', 'meta'], args: ['cursor', 'count'], writes: false });
const ACK = script('ack', {
  keys: ['claim', 'meta'],
  args: ['epoch', 'flushNo', 'done', 'players'],
  writes: true,
});
const TAKE_LEASE = script('take-lease', {
  keys: ['lease', 'crew'],
  args: ['owner', 'ttlMs', 'stayMs'],
  writes: true,
});
const LEAVE_LEASE = script('leave-lease', { keys: ['lease', 'crew'], args: ['owner'], writes: true });

/** A server is asked for its leases every second or so; one that misses some of that is still there. Lower, and seasons move between
 *  servers that are only busy; higher, and a dead server's seasons wait longer. */
const STAY_LONGER_MS = 2_500;
const MARK_DIRTY = script('mark-dirty', { keys: ['entries', 'dirty', 'meta'], args: ['now'], writes: true });

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
    const [, next, players, packed] = (await runBinary(this.#redis, PAGE, call)) as Buffer[];
    if (!players || !packed) throw unavailable(`season ${season.id} left memory while it was being flushed`);
    return { records: recordsOf(players, packed), cursor: String(next) };
  }

  async ack(season: LiveSeason, claim: ClaimId, players: readonly string[], done: boolean): Promise<void> {
    const keys = seasonKeys(season);
    const { epoch, flushNo } = claim;
    const parts = chunksOf(players, ACK_MAX);
    for (const [i, part] of parts.entries()) {
      const last = done && i === parts.length - 1;
      const args = { epoch, flushNo, done: last ? 1 : 0, players: part.join('\n') };
      await run(this.#redis, ACK, { keys, args });
    }
  }

  async markDirty(season: LiveSeason, players: readonly string[], now: number) {
    const keys = seasonKeys(season);
    let marked = 0;
    for (const part of chunksOf(players, ACK_MAX)) {
      const call = { keys, args: { now: stampAt(now) }, rest: part };
      const reply = (await run(this.#redis, MARK_DIRTY, call)) as ['cold'] | ['ok', number];
      if (reply[0] === 'cold') return { kind: 'cold' as const };
      marked += reply[1];
    }
    return { kind: 'ok' as const, marked };
  }

  async lease(season: LiveSeason, owner: string, ttlMs: number): Promise<boolean> {
    const args = { owner, ttlMs, stayMs: ttlMs + STAY_LONGER_MS };
    return (await run(this.#redis, TAKE_LEASE, { keys: seasonKeys(season), args })) === 1;
  }

  async release(season: LiveSeason, owner: string): Promise<void> {
    await run(this.#redis, LEAVE_LEASE, { keys: seasonKeys(season), args: { owner } });
  }
}

/** As scripts/page.lua joins them. */
function recordsOf(players: Buffer, packed: Buffer): EntryRecord[] {
  const records: EntryRecord[] = [];
  let at = 0;
  for (let from = 0; from < players.length; ) {
    const newline = players.indexOf(NEWLINE, from);
    const to = newline < 0 ? players.length : newline;
    const end = at + 4 + packed.readUInt32LE(at);
    // Each a text of its own: parts of a longer one, as a split makes them, are twice as slow to sort.
    records.push(unpackEntry(players.toString('latin1', from, to), packed, at + 4, end));
    at = end;
    from = to + 1;
  }
  return records;
}

const NEWLINE = 10;
