/** Barriers and receipts, on two real servers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must } from '../support/admin.ts';
import { snapshotRows } from '../support/agreement.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire, type Wire } from '../support/wire.ts';

let server: ServerProcess;
let other: ServerProcess;
let host: Wire;

beforeAll(async () => {
  server = await startServer();
  other = await startServer(server);
  host = await openWire(server.url, await server.token('server', 'host'));
});
afterAll(async () => {
  host?.close();
  await other?.stop();
  await server?.stop();
});

/** Flushed by nothing but what asks for it. */
const newBoard = async (id: string): Promise<string> => {
  const rules = { kind: 'open', flush: { intervalMs: 600_000 }, ticks: { maxPerSecond: 10_000 } };
  await must(server, 'POST', '/v1/admin/boards', { id, title: id, ...rules });
  return (await must(server, 'GET', `/v1/boards/${id}/seasons`)).seasons[0].id;
};
const rowsOf = async (season: string) =>
  new Map((await snapshotRows(server.databaseUrl, season)).map(({ player, score }) => [player, score]));

describe('a barrier', () => {
  it('[BA1] answers when all that was acked before it is committed, by any server, and names the watermark', async () => {
    const season = await newBoard('fsync');
    const elsewhere = await openWire(other.url, await other.token('server', 'elsewhere'));
    await elsewhere.ok({ type: 'tick', board: 'fsync', player: 'bob', score: 5 });
    const tick = host.ok({ type: 'tick', board: 'fsync', player: 'ada', score: 7 });
    const barrier = await host.ok({ type: 'barrier', board: 'fsync' });
    const { epoch, version } = await tick;
    expect(barrier).toMatchObject({ ack: 'database', board: 'fsync', season });
    const watermark = barrier['watermark'] as { epoch: number; version: number };
    expect(watermark.epoch).toBe(epoch);
    expect(watermark.version).toBeGreaterThanOrEqual(Number(version));
    expect(await rowsOf(season)).toEqual(
      new Map([
        ['ada', 7],
        ['bob', 5],
      ]),
    );
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/photofinish_flush_passes_total\{cause="barrier"\} [1-9]/);
    elsewhere.close();
  });

  it('[BA2] is reached while ticks go on, and many share flushes', async () => {
    const season = await newBoard('busy');
    let stop = false;
    let acked = 0;
    const play = async (player: string) => {
      for (let score = 1; !stop; score++) {
        await host.ok({ type: 'tick', board: 'busy', player, score });
        if (player === 'p0') acked = score;
      }
    };
    const all = Promise.all(Array.from({ length: 20 }, (_, i) => play(`p${i}`)));
    const reader = await openWire(server.url, await server.token('viewer', 'wall'));
    const marks: (string | undefined)[] = [];
    for (let i = 0; i < 5; i++) {
      const before = acked;
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => reader.ok({ type: 'barrier', board: 'busy', season })),
      );
      marks.push(...answers.map((answer) => JSON.stringify(answer['watermark'])));
      if (before > 0) expect((await rowsOf(season)).get('p0')).toBeGreaterThanOrEqual(before);
    }
    stop = true;
    await all;
    expect(new Set(marks).size).toBeLessThanOrEqual(20);
    reader.close();
  });

  it('[BA3] of a season without a score answers at once, and of a wrong one says so', async () => {
    await newBoard('empty');
    const { season } = await host.ok({ type: 'barrier', board: 'empty' });
    expect(await host.ok({ type: 'barrier', board: 'empty' })).toMatchObject({ watermark: null });
    expect(await host.ask({ type: 'barrier', board: 'fsync', season })).toMatchObject({
      code: 'SEASON_NOT_FOUND',
      field: 'season',
    });
  });
});

describe('the durability of a season', () => {
  it('[BA4] names the ack of the board, not a weaker or a stronger one', async () => {
    await must(server, 'POST', '/v1/admin/boards', {
      id: 'through',
      title: 'T',
      ticks: { policy: 'through' },
    });
    const { id } = (await must(server, 'GET', '/v1/boards/through/seasons')).seasons[0];
    const { acks } = await must(server, 'GET', `/v1/seasons/${id}/durability`);
    expect(acks).toEqual({ tick: 'database', final: 'database' });
  });

  it('[BA4] is told: the watermark, what is not yet in Postgres, and what each fault could cost', async () => {
    const season = await newBoard('told');
    await host.ok({ type: 'tick', board: 'told', player: 'ada', score: 1 });
    await host.ok({ type: 'tick', board: 'told', player: 'bob', score: 1 });
    const dirty = await must(server, 'GET', `/v1/seasons/${season}/durability`);
    expect(dirty).toMatchObject({
      ...{ season, board: 'told', dirty: 2, redoTicks: 2, watermark: null },
      acks: { tick: 'cache', final: 'database' },
    });
    expect(dirty.oldestDirtyMs).toBeGreaterThanOrEqual(0);
    expect(dirty.atRisk.map(({ entries }: { entries: number }) => entries)).toEqual([0, 0, 2, 0]);
    const { watermark } = await host.ok({ type: 'barrier', board: 'told' });
    const clean = await must(server, 'GET', `/v1/seasons/${season}/durability`);
    expect(clean).toMatchObject({ dirty: 0, oldestDirtyMs: 0, watermark });
    expect((await call(server, 'GET', '/v1/seasons/nobody/durability')).status).toBe(404);
  });
});
