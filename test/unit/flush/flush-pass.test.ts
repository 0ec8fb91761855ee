import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flushPass } from '../../../server/src/flush/flush-pass.ts';
import { Crash, lost, MemoryPorts, MemoryPostgres, MemoryRedis, type Step, season } from './memory-ports.ts';

const setUp = () => {
  const redis = new MemoryRedis();
  const postgres = new MemoryPostgres();
  const ports = new MemoryPorts(redis, postgres);
  const pass = (batchSize = 2) =>
    flushPass({ queue: ports, store: ports, clock: () => 1 }, season({ batchSize }));
  return { redis, postgres, ports, pass };
};

describe('one flush', () => {
  it('[FL1] claims, writes, commits, acks; the watermark names all that was acked before the claim', async () => {
    const { redis, postgres, pass } = setUp();
    for (let i = 0; i < 5; i++) redis.tick(`p${i}`, i);
    expect(await pass()).toMatchObject({ kind: 'flushed', rows: 5, refused: 0, batches: 3 });
    expect([...redis.dirty, ...redis.claimed]).toEqual([]);
    expect(postgres.watermark).toMatchObject({ epoch: 1, version: 5 });
    expect(await pass()).toMatchObject({ kind: 'idle', rows: 0, batches: 0 });
  });

  it('[FL1] two pages are written at a time, and the last one alone, after all others', async () => {
    const { redis, postgres, ports } = setUp();
    for (let i = 0; i < 9; i++) redis.tick(`p${i}`, i);
    let [underWay, most] = [0, 0];
    const alone: boolean[] = [];
    const write: typeof ports.write = async (chunk) => {
      underWay++;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      if (chunk.watermark) alone.push(underWay === 1 && postgres.rows.size >= 8);
      const result = await ports.write(chunk);
      underWay--;
      return result;
    };
    const pass = flushPass({ queue: ports, store: { write }, clock: () => 1 }, season({ batchSize: 2 }));
    expect(await pass).toMatchObject({ kind: 'flushed', rows: 9, batches: 5 });
    expect({ most, alone }).toEqual({ most: 2, alone: [true] });
  });

  it('[FL2] a pass that fails has nothing under way any more', async () => {
    const { redis, ports } = setUp();
    for (let i = 0; i < 6; i++) redis.tick(`p${i}`, i);
    let underWay = 0;
    const write: typeof ports.write = async (chunk) => {
      const first = ++underWay === 1;
      for (let turns = first ? 1 : 20; turns > 0; turns--)
        await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      if (first) throw new Crash('write');
      return ports.write(chunk);
    };
    const pass = flushPass({ queue: ports, store: { write }, clock: () => 1 }, season({ batchSize: 2 }));
    await expect(pass).rejects.toThrow(Crash);
    expect(underWay).toBe(0);
  });

  const steps: Step[] = ['claim', 'page', 'write', 'ack'];
  for (const at of steps)
    for (const when of ['before', 'after'] as const)
      it(`[FL2] a crash ${when} ${at} loses nothing, and the next pass finishes the work`, async () => {
        for (let countdown = 0; countdown < 3; countdown++) {
          const { redis, postgres, ports, pass } = setUp();
          for (let i = 0; i < 5; i++) redis.tick(`p${i}`, i);
          ports.crash = { at, when, countdown };
          await pass().then(
            () => expect(at, 'a claim is one step and cannot crash later').toBe('claim'),
            (error) => expect(error).toBeInstanceOf(Crash),
          );
          expect(lost(redis, postgres)).toEqual([]);
          ports.crash = undefined;
          redis.tick('p0', 100);
          while ((await pass()).kind === 'flushed');
          expect([...redis.dirty, ...redis.claimed]).toEqual([]);
          expect(postgres.rows.get('p0')?.score).toBe(100);
          expect(postgres.rows.size).toBe(5);
        }
      });

  it('[FL3] a change during a flush stays dirty and is written by the next', async () => {
    const { redis, postgres, ports, pass } = setUp();
    redis.tick('ada', 1);
    ports.between = () => redis.tick('ada', 2);
    await pass();
    ports.between = undefined;
    expect(redis.dirty.has('ada')).toBe(true);
    await pass();
    expect(postgres.rows.get('ada')?.score).toBe(2);
  });

  it('[FL4] a flusher that wakes up late writes no older row and takes no newer mark away', async () => {
    const { redis, postgres, ports, pass } = setUp();
    const late = new MemoryPorts(redis, postgres);
    redis.tick('ada', 1);
    let woken = false;
    late.between = () => {
      woken = true;
    };
    const stale = await late.page(season(), '0', 10);
    expect(stale.records).toEqual([]);
    const claim = await late.claim();
    const page = await late.page(season(), '0', 10);
    await pass();
    redis.tick('ada', 2);
    ports.crash = { at: 'write', when: 'before', countdown: 0 };
    await expect(pass()).rejects.toBeInstanceOf(Crash);
    if (claim.kind !== 'ok') throw new Error('the season is warm');
    expect(await late.write({ epoch: 1, records: page.records, watermark: undefined })).toMatchObject({
      written: 0,
      refused: 1,
    });
    await late.ack(season(), claim.claim, ['ada']);
    expect(woken).toBe(true);
    expect(lost(redis, postgres)).toEqual([]);
    expect(redis.claimed.has('ada')).toBe(true);
  });

  it('[FL5] a season that has begun a newer epoch is not written, and its claim stays', async () => {
    const { redis, postgres, pass } = setUp();
    redis.tick('ada', 1);
    postgres.epoch = 2;
    expect(await pass()).toMatchObject({ kind: 'fenced' });
    expect(redis.claimed.has('ada')).toBe(true);
    expect(postgres.rows.size).toBe(0);
  });

  it('[FL2] any interleaving of ticks, passes and crashes keeps every acked change dirty, claimed or committed', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('tick' as const),
          player: fc.integer({ min: 0, max: 6 }),
          score: fc.nat(99),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), tickBetween: fc.boolean() }) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('crash' as const),
          at: fc.constantFrom(...steps),
          when: fc.constantFrom('before' as const, 'after' as const),
          countdown: fc.nat(2),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (script) => {
        const { redis, postgres, ports, pass } = setUp();
        for (const move of script) {
          if (move.do === 'tick') redis.tick(`p${move.player}`, move.score);
          else {
            ports.crash = move.do === 'crash' ? { ...move } : undefined;
            ports.between = move.do === 'pass' && move.tickBetween ? () => redis.tick('p0', 7) : undefined;
            await pass().catch((error) => expect(error).toBeInstanceOf(Crash));
          }
          expect(lost(redis, postgres)).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
