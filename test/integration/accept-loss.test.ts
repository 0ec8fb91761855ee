import { afterEach, describe, expect, test } from 'vitest';
import { boardReadAnswer, boardsAnswer, windowAnswer } from '../../server/src/http/schemas.ts';
import { must } from '../support/admin.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshRedis } from '../support/services.ts';

const services: FreshService[] = [];
const running: ServerProcess[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  for (const service of services.splice(0)) await service.remove();
});

async function redisWith(settings: Record<string, string>): Promise<FreshService> {
  const redis = await freshRedis(settings);
  services.push(redis);
  return redis;
}

const metricOf = async (server: ServerProcess): Promise<string | undefined> =>
  /^photofinish_guarantee_loss_accepted (\S+)$/m.exec(
    await (await fetch(`${server.url}/metrics`)).text(),
  )?.[1];

describe('a Redis that may lose acknowledged scores', () => {
  for (const [what, settings, told] of [
    ['keeps no append-only file', { appendonly: 'no' }, 'set appendonly yes'],
    ['evicts', { 'maxmemory-policy': 'allkeys-lru' }, 'set maxmemory-policy noeviction'],
    ['is a replica', { replicaof: '127.0.0.1 1' }, 'point REDIS_URL at the primary'],
  ] as const)
    test(`[CF6] is refused at start when it ${what}`, async () => {
      const redis = await redisWith(settings);
      const started = startServer({ redisUrl: redis.url }).then((server) => void running.push(server));
      await expect(started).rejects.toThrow(told);
      await expect(started).rejects.toThrow('ACCEPT_LOSS=true');
    });

  test('[CF7] is taken with ACCEPT_LOSS, and everything that tells of durability says so and why', async () => {
    const redis = await redisWith({ appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' });
    const server = await startServer({ redisUrl: redis.url, env: { ACCEPT_LOSS: 'true' } });
    running.push(server);
    await must(server, 'POST', '/v1/admin/boards', { id: 'arena', title: 'Arena' });
    const reasons = [expect.stringContaining('append-only'), expect.stringContaining('evict')];
    const boards = boardsAnswer.parse(await must(server, 'GET', '/v1/boards'));
    expect(boards.lossAccepted).toEqual(reasons);
    expect(boardReadAnswer.parse(await must(server, 'GET', '/v1/boards/arena')).lossAccepted).toEqual(
      reasons,
    );
    const [season] = (await must(server, 'GET', '/v1/boards/arena/seasons')).seasons;
    const window = await must(server, 'GET', `/v1/seasons/${season.id}/window`);
    expect(windowAnswer.parse(window).lossAccepted).toEqual(reasons);
    const durability = await must(server, 'GET', `/v1/seasons/${season.id}/durability`);
    expect(durability.lossAccepted).toEqual(reasons);
    expect(await metricOf(server)).toBe('2');
    expect(server.logs()).toContain('started with ACCEPT_LOSS: acknowledged scores may be lost');
  });

  test('[CF7] ACCEPT_LOSS weakens nothing where the guarantee holds', async () => {
    const server = await startServer({ env: { ACCEPT_LOSS: 'true' } });
    running.push(server);
    expect(await must(server, 'GET', '/v1/boards')).not.toHaveProperty('lossAccepted');
    expect(await metricOf(server)).toBe('0');
  });
});
