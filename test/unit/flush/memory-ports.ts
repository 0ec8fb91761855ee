/** The flush ports in memory, small enough to read: what Redis and Postgres promise, and nothing else. A crash can be set before or after
 *  any step; "after" is the case where the step was done and its answer lost. */
import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import type { LiveSeason } from '../../../server/src/board/live-board.ts';
import type { ClaimId, ClaimPage, ClaimResult, EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import type { SnapshotWriteResult, Watermark } from '../../../server/src/flush/snapshot-store.ts';

export class Crash extends Error {}

export const season = (flush: Partial<Board['flush']> = {}): LiveSeason => ({
  id: 's1',
  board: boardSchema.parse({ id: 'b1', title: 'B', flush }),
});

export class MemoryRedis {
  readonly entries = new Map<string, EntryRecord>();
  readonly dirty = new Set<string>();
  readonly claimed = new Set<string>();
  epoch = 1;
  version = 0;
  flushNo = 0;
  claimVersion = 0;
  /** Without memory of the season: nothing is taken until `publish`. */
  cold = false;

  tick(player: string, score: number): void {
    const mark = { score, achievedAt: this.version + 1 };
    this.#change(player, { score, provisional: mark });
  }

  /** A committed final; an older count of finals changes nothing. */
  confirm(player: string, score: number, finals: number): void {
    if ((this.entries.get(player)?.finals ?? 0) >= finals) return;
    const mark = { score, achievedAt: this.version + 1 };
    this.#change(player, { score, confirmed: mark, finals });
  }

  /** Loses everything, as FLUSHALL does. */
  forget(): void {
    for (const part of [this.entries, this.dirty, this.claimed]) part.clear();
    this.cold = true;
  }

  /** Begins a new life with what the database knows; nothing of it is dirty. */
  publish(epoch: number, entries: readonly EntryRecord[]): void {
    for (const entry of entries) this.entries.set(entry.player, { ...entry, rev: 0 });
    Object.assign(this, { epoch, version: 0, flushNo: 0, claimVersion: 0, cold: false });
  }

  #change(player: string, to: Partial<EntryRecord> & { score: number }): void {
    this.version++;
    this.dirty.add(player);
    const before = this.entries.get(player);
    this.entries.set(player, {
      player,
      confirmed: before?.confirmed,
      finals: before?.finals ?? 0,
      matchKey: '',
      matchEnded: false,
      provisional: before?.provisional,
      seqs: ';',
      ...to,
      rev: this.version,
      achievedAt: this.version,
    });
  }
}

export class MemoryPostgres {
  readonly rows = new Map<string, { epoch: number; rev: number; score: number; entry: EntryRecord }>();
  /** Finals: committed before they are answered. */
  readonly standings = new Map<string, { score: number; finals: number }>();
  epoch = 1;
  watermark: Watermark | undefined;
}

/** Steps in the order that a pass takes them; a crash is set by naming one. */
export type Step = 'claim' | 'page' | 'write' | 'ack';

export class MemoryPorts {
  readonly redis: MemoryRedis;
  readonly postgres: MemoryPostgres;
  crash: { at: Step; when: 'before' | 'after'; countdown: number } | undefined;
  /** Runs between a page's read and its write: where another flusher or a newer tick may come in. */
  between: (() => void) | undefined;

  constructor(redis: MemoryRedis, postgres: MemoryPostgres) {
    this.redis = redis;
    this.postgres = postgres;
  }

  async #step<T>(at: Step, work: () => T): Promise<T> {
    await Promise.resolve();
    const due = this.crash?.at === at && this.crash.countdown-- === 0;
    if (due && this.crash?.when === 'before') throw new Crash(at);
    const result = work();
    if (due) throw new Crash(at);
    return result;
  }

  claim = (): Promise<ClaimResult> =>
    this.#step('claim', () => {
      const { redis } = this;
      if (redis.cold) return { kind: 'cold' };
      if (redis.claimed.size === 0) {
        for (const player of redis.dirty) redis.claimed.add(player);
        redis.dirty.clear();
        redis.claimVersion = redis.version;
        if (redis.claimed.size > 0) redis.flushNo++;
      }
      return {
        kind: 'ok',
        epoch: redis.epoch,
        version: redis.claimVersion,
        claim: { epoch: redis.epoch, flushNo: redis.flushNo },
        players: redis.claimed.size,
        dirtySince: undefined,
      };
    });

  page = (_: LiveSeason, cursor: string, count: number): Promise<ClaimPage> =>
    this.#step('page', () => {
      if (this.redis.cold) throw new Crash('the season left memory');
      const players = [...this.redis.claimed].sort();
      const rest = players.filter((player) => cursor === '0' || player > cursor);
      const taken = rest.slice(0, count);
      const records = taken.flatMap((player) => this.redis.entries.get(player) ?? []);
      return { records: structuredClone(records), cursor: rest.length > count ? (taken.at(-1) ?? '0') : '0' };
    });

  write = (chunk: {
    epoch: number;
    records: readonly EntryRecord[];
    watermark: Watermark | undefined;
  }): Promise<SnapshotWriteResult> => {
    this.between?.();
    return this.#step('write', (): SnapshotWriteResult => {
      const { postgres } = this;
      if (postgres.epoch > chunk.epoch) return { kind: 'fenced', epoch: postgres.epoch };
      let written = 0;
      for (const record of chunk.records) {
        const row = postgres.rows.get(record.player);
        const newer = !row || row.epoch < chunk.epoch || (row.epoch === chunk.epoch && row.rev < record.rev);
        if (!newer) continue;
        const { rev, score } = record;
        postgres.rows.set(record.player, { epoch: chunk.epoch, rev, score, entry: record });
        written++;
      }
      if (chunk.watermark && isPast(chunk.watermark, postgres.watermark))
        postgres.watermark = chunk.watermark;
      return { kind: 'ok', written, refused: chunk.records.length - written };
    });
  };

  ack = (_: LiveSeason, claim: ClaimId, players: readonly string[]): Promise<void> =>
    this.#step('ack', () => {
      const { redis } = this;
      if (redis.cold || claim.epoch !== redis.epoch || claim.flushNo !== redis.flushNo) return;
      for (const player of players) redis.claimed.delete(player);
    });
}

const isPast = (mark: Watermark, other: Watermark | undefined): boolean =>
  !other || mark.epoch > other.epoch || (mark.epoch === other.epoch && mark.version > other.version);

/** The invariant: an entry whose newest rev is not in Postgres is dirty or claimed; rev 0 came from there. @returns the players that break it */
export function lost(redis: MemoryRedis, postgres: MemoryPostgres): string[] {
  return [...redis.entries.values()]
    .filter(({ player, rev }) => {
      const row = postgres.rows.get(player);
      const durable = rev === 0 || (row !== undefined && row.epoch === redis.epoch && row.rev >= rev);
      return !durable && !redis.dirty.has(player) && !redis.claimed.has(player);
    })
    .map(({ player }) => player);
}
