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

  tick(player: string, score: number): void {
    this.version++;
    this.entries.set(player, {
      player,
      rev: this.version,
      score,
      achievedAt: this.version,
      confirmed: undefined,
      finals: 0,
      matchKey: '',
      matchEnded: false,
      provisional: { score, achievedAt: this.version },
      seqs: ';',
    });
    this.dirty.add(player);
  }
}

export class MemoryPostgres {
  readonly rows = new Map<string, { epoch: number; rev: number; score: number }>();
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
      if (redis.claimed.size === 0) {
        for (const player of redis.dirty) redis.claimed.add(player);
        redis.dirty.clear();
        redis.claimVersion = redis.version;
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
        postgres.rows.set(record.player, { epoch: chunk.epoch, rev: record.rev, score: record.score });
        written++;
      }
      if (chunk.watermark) postgres.watermark = chunk.watermark;
      return { kind: 'ok', written, refused: chunk.records.length - written };
    });
  };

  ack = (_: LiveSeason, claim: ClaimId, players: readonly string[], done: boolean): Promise<void> =>
    this.#step('ack', () => {
      const { redis } = this;
      if (claim.epoch !== redis.epoch || claim.flushNo !== redis.flushNo) return;
      for (const player of players) redis.claimed.delete(player);
      if (done) redis.flushNo++;
    });
}

/** The invariant: an entry whose newest rev is not in Postgres is dirty or claimed. @returns the players that break it */
export function lost(redis: MemoryRedis, postgres: MemoryPostgres): string[] {
  return [...redis.entries.values()]
    .filter(({ player, rev }) => {
      const row = postgres.rows.get(player);
      const durable = row !== undefined && row.epoch === redis.epoch && row.rev >= rev;
      return !durable && !redis.dirty.has(player) && !redis.claimed.has(player);
    })
    .map(({ player }) => player);
}
