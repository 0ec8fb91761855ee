import { Fault } from '@photofinish/shared/protocol/errors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Breaker } from '../../../server/src/flush/breaker.ts';
import type { ClaimResult } from '../../../server/src/flush/dirty-queue.ts';
import { Flusher } from '../../../server/src/flush/flusher.ts';
import { season } from './memory-ports.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const down = () => Promise.reject(new Fault('UNAVAILABLE', 'no database'));
const up = () => Promise.resolve('done');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const probes: number[] = [];
  const startedAt = performance.now();
  const database = { answers: false };
  const breaker = new Breaker({
    probe: async () => {
      probes.push(performance.now() - startedAt);
      if (!database.answers) throw new Error('still down');
    },
    random: () => 1,
    log,
  });
  const fail = () => breaker.guard(down).catch(() => undefined);
  return { breaker, probes, database, fail };
}

describe('the breaker', () => {
  it('[FL6] opens after two outages in a row, and then probes later each time', async () => {
    const { breaker, probes, database, fail } = setUp();
    await fail();
    await breaker.guard(up);
    await fail();
    expect(breaker.isOpen).toBe(false);
    await fail();
    expect(breaker.isOpen).toBe(true);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(probes).toEqual([250, 750, 1_750]);
    await vi.advanceTimersByTimeAsync(60_000);
    const gaps = probes.map((at, i) => at - (probes[i - 1] ?? 0));
    expect(Math.max(...gaps)).toBe(10_000);
    database.answers = true;
    let closed = 0;
    breaker.onClosed(() => closed++);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([breaker.isOpen, closed]).toEqual([false, 1]);
    await fail();
    expect(breaker.isOpen, 'one failure opens it again until a write came through').toBe(true);
    breaker.stop();
  });

  it('[FL6] does not open because of what was sent: a refused row or final is an answer', async () => {
    const { breaker } = setUp();
    for (let i = 0; i < 5; i++) {
      const refused = () => Promise.reject(new Fault('FINAL_CONFLICT', 'another score'));
      await expect(breaker.guard(refused)).rejects.toMatchObject({ code: 'FINAL_CONFLICT' });
    }
    expect(breaker.isOpen).toBe(false);
  });

  it('[FL7] refuses at once while it is open, without running the work', async () => {
    const { breaker, fail } = setUp();
    await fail();
    await fail();
    const work = vi.fn(up);
    const refused = await breaker.guard(work).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'UNAVAILABLE', retryable: true, detail: { retryAfterMs: 250 } });
    expect(work).not.toHaveBeenCalled();
    breaker.stop();
  });

  it('[FL8] when Postgres is back, seasons are flushed in the order of their oldest dirty entries', async () => {
    const { breaker, database } = setUp();
    const since = new Map(['young', 'old', 'middle'].map((id, i) => [id, [300, 100, 200][i] ?? 0]));
    const written: string[] = [];
    const flusher = new Flusher({
      queue: {
        claim: async ({ id }): Promise<ClaimResult> => {
          const players = since.has(id) ? 1 : 0;
          const claim = { epoch: 1, flushNo: 1 };
          return { kind: 'ok', claim, players, dirtySince: since.get(id), epoch: 1, version: 1 };
        },
        page: async () => ({ records: [], cursor: '0' }),
        ack: async ({ id }) => void since.delete(id),
        markDirty: async () => ({ kind: 'cold' }),
        lease: async () => true,
        release: async () => undefined,
      },
      store: {
        write: (chunk) =>
          breaker.guard(async () => {
            if (!database.answers) return down();
            written.push(chunk.season);
            return { kind: 'ok', written: 0, refused: 0 };
          }),
      },
      breaker,
      ...{ clock: () => 1_000, log, owner: 'me', leaseMs: 5_000, random: () => 1 },
      observer: { flushed() {}, failed() {} },
      liveSeasons: async () => [...since.keys()].map((id) => ({ ...season({ intervalMs: 100 }), id })),
      sweepMs: 60_000,
    });
    await flusher.start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect([written, breaker.isOpen]).toEqual([[], true]);
    database.answers = true;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(written).toEqual(['old', 'middle', 'young']);
    breaker.stop();
    vi.useRealTimers();
    await flusher.stop(1_000);
  });
});
