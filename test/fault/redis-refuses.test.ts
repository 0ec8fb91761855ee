/** A Redis that answers and refuses, as the clients of a running server meet it: nothing is done, they are told to come back, and the same
 *  tick is taken once it works again. */
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { assertAgreement } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedis } from '../support/services.ts';
import { openWire, type Wire } from '../support/wire.ts';

let service: FreshService;
let redis: Redis;
let server: ServerProcess;
let host: Wire;
let season: string;
let score = 1;

beforeAll(async () => {
  // Loading takes long enough to be met: so many microseconds per command of the file.
  service = await freshRedis({ 'key-load-delay': '2000', 'loading-process-events-interval-bytes': '1024' });
  redis = new Redis(service.url);
  server = await startServer({ redisUrl: service.url });
  await must(server, 'POST', '/v1/admin/boards', { id: 'b', title: 'B', kind: 'open', operator: 'latest' });
  season = (await must(server, 'GET', '/v1/boards/b/seasons')).seasons[0].id;
  host = await openWire(server.url, await server.token('server', 'host'));
});
afterAll(async () => {
  host?.close();
  redis?.disconnect();
  await server?.stop();
  await service?.remove();
});

const tick = () => host.ask({ type: 'tick', board: 'b', player: 'ada', score, seq: score });

/** The next tick is refused while it lasts, leaves nothing behind, and is taken when it is over. */
async function refusedDuring(error: string, begin: () => Promise<unknown>, end: () => Promise<unknown>) {
  expect((await tick()).type).toBe('ok');
  await begin();
  score++;
  const refused = await until(`a refusal for ${error}`, async () => {
    const reply = await tick();
    if (reply.type === 'ok') score++;
    return reply.type === 'error' && String(reply['message']).includes(error) ? reply : undefined;
  });
  expect(refused).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  expect(refused['retryAfterMs']).toBeGreaterThan(0);
  expect(await host.ok({ type: 'rank', board: 'b', players: ['ada'] })).toMatchObject({
    entries: [{ score: score - 1 }],
  });
  await end();
  await until('the same tick is taken', async () => (await tick()).type === 'ok');
  await assertAgreement(server, 'b', season);
}

describe('a Redis that refuses', () => {
  it('[RB7] READONLY: it has become a replica', () =>
    refusedDuring(
      'READONLY',
      () => redis.replicaof('127.0.0.1', 1),
      () => redis.replicaof('NO', 'ONE'),
    ));

  it('[RB7] OOM: its memory is full', () =>
    refusedDuring(
      'OOM',
      () => redis.config('SET', 'maxmemory', '1mb'),
      () => redis.config('SET', 'maxmemory', '0'),
    ));

  it('[RB7] MISCONF: it cannot save to its disk', async () => {
    const [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
    const inTheWay = join(folder, 'dump.rdb');
    await refusedDuring(
      'MISCONF',
      async () => {
        mkdirSync(inTheWay);
        await redis.config('SET', 'save', '3600 1000000');
        await redis.bgsave();
        await until('a failed save', async () =>
          (await redis.info('persistence')).includes('rdb_last_bgsave_status:err'),
        );
      },
      async () => {
        rmdirSync(inTheWay);
        await redis.config('SET', 'save', '');
      },
    );
  });

  it('[RB7] SCRIPT FLUSH: it gets its scripts again, and nobody notices', async () => {
    await redis.script('FLUSH');
    score++;
    expect((await tick()).type).toBe('ok');
  });

  it('[RB7] LOADING: it reads its file after a restart', async () => {
    for (let i = 0; i < 300; i++) await redis.set(`filler-${i}`, 'x'.repeat(1_000));
    await service.kill();
    score++;
    const back = service.restart();
    const answers = new Set<string>();
    await until('the same tick is taken', async () => {
      const reply = await tick();
      answers.add(String(reply['code'] ?? reply.type));
      return reply.type === 'ok';
    });
    await back;
    expect([...answers].every((answer) => ['ok', 'UNAVAILABLE', 'OUTCOME_UNKNOWN'].includes(answer))).toBe(
      true,
    );
    await assertAgreement(server, 'b', season);
  });
});
