import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { flushPass } from '../../../server/src/flush/flush-pass.ts';
import { Flusher } from '../../../server/src/flush/flusher.ts';
import { Pace } from '../../../server/src/flush/pace.ts';
import { MemoryPorts, MemoryPostgres, MemoryRedis, season } from './memory-ports.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A season of 2,000 dirty entries, and when its pages were written, with how many rows. */
function setUp() {
  const [redis, postgres] = [new MemoryRedis(), new MemoryPostgres()];
  const ports = new MemoryPorts(redis, postgres);
  for (let i = 0; i < 2_000; i++) redis.tick(`p${String(i).padStart(4, '0')}`, i);
  const startedAt = performance.now();
  const written: [ms: number, rows: number][] = [];
  const store: Pick<MemoryPorts, 'write'> = {
    write: (chunk) => {
      written.push([performance.now() - startedAt, chunk.records.length]);
      return ports.write(chunk);
    },
  };
  return { redis, postgres, ports, written, store };
}

it('[FL9] a flush that nobody waits for is written in small pages over its time', async () => {
  const { ports, written, store } = setUp();
  const pass = flushPass({ queue: ports, store, clock: () => 1, pace: new Pace(1_000) }, season());
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await pass).toMatchObject({ kind: 'flushed', rows: 2_000, batches: 4 });
  expect(written).toEqual([0, 250, 500, 750].map((ms) => [ms, 500]));
});

it('[FL9] one that is hurried goes on at once, in pages as the board has them', async () => {
  const { ports, written, store } = setUp();
  const pace = new Pace(1_000);
  const pass = flushPass({ queue: ports, store, clock: () => 1, pace }, season({ batchSize: 900 }));
  await vi.advanceTimersByTimeAsync(300);
  pace.hurry();
  await vi.advanceTimersByTimeAsync(0);
  expect(await pass).toMatchObject({ kind: 'flushed', rows: 2_000 });
  expect(written).toEqual([
    [0, 500],
    [250, 500],
    [300, 900],
    [300, 100],
  ]);
});

it('[FL9] who waits for a season hurries the flush under way; the timer comes an interval after it began', async () => {
  const { redis, postgres, ports, written, store } = setUp();
  const idle = { markDirty: async () => ({ kind: 'cold' }) as const, lease: async () => true };
  const flusher = new Flusher({
    queue: { claim: ports.claim, page: ports.page, ack: ports.ack, ...idle, release: async () => undefined },
    store,
    ...{ clock: () => 1, owner: 'me', leaseMs: 5_000, random: () => 1 },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    observer: { flushed() {}, failed() {} },
    liveSeasons: async () => [season({ intervalMs: 2_000 })],
    sweepMs: 60_000,
  });
  await flusher.start();
  await vi.advanceTimersByTimeAsync(2_300);
  expect(written.map(([ms]) => ms)).toEqual([2_000, 2_250]);
  const drained = flusher.drain(season(), 'barrier', 5_000);
  await vi.advanceTimersByTimeAsync(0);
  await drained;
  expect(postgres.watermark?.version).toBe(redis.version);
  expect(written.at(-1)?.[0]).toBe(2_300);
  redis.tick('p0000', 5_000);
  await vi.advanceTimersByTimeAsync(1_699);
  expect(written.at(-1)?.[0]).toBe(2_300);
  await vi.advanceTimersByTimeAsync(1);
  expect(written.at(-1)).toEqual([4_000, 1]);
  await flusher.stop(1_000);
});
