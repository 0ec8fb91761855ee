import { afterEach, describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { assertAgreement } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire } from '../support/wire.ts';

const running: ServerProcess[] = [];
afterEach(async () => {
  for (const server of running.splice(0).reverse()) expect(await server.stop()).toBe(0);
});

const metric = async (server: ServerProcess, name: string): Promise<number> => {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(name) && !line.startsWith('#'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
};

describe('two servers on the same Redis and Postgres', () => {
  it('[LC5] share a board: ticks through one are seen through the other, and one of them flushes', async () => {
    const a = await startServer();
    const b = await startServer(a);
    running.push(a, b);
    await must(a, 'POST', '/v1/admin/boards', {
      id: 'shared',
      title: 'Shared',
      ticks: { maxPerSecond: 1_000 },
      flush: { intervalMs: 100 },
    });
    const hostA = await openWire(a.url, await a.token('server', 'host-a'));
    const hostB = await openWire(b.url, await b.token('server', 'host-b'));
    const viewer = await openWire(b.url, await b.token('viewer', 'page'));
    const { match, season } = await hostA.ok({ type: 'match.start', board: 'shared' });
    await viewer.ok({ type: 'subscribe', board: 'shared', limit: 5 });
    for (let seq = 1; seq <= 60; seq++) {
      expect(await hostA.ok({ type: 'tick', match, player: 'ada', score: seq, seq })).toMatchObject({
        improved: true,
      });
      expect(await hostB.ok({ type: 'tick', match, player: 'bob', score: 1_000 + seq, seq })).toMatchObject({
        rank: 1,
      });
    }
    expect(await hostB.ok({ type: 'rank', board: 'shared', players: ['ada'] })).toMatchObject({
      entries: [{ rank: 2, score: 60 }],
    });
    await until('the viewer of the other server sees both', () =>
      viewer.pushes.some((push) => JSON.stringify(push).includes('"ada"') || push['total'] === 2),
    );
    const counts = async () => [
      await metric(a, 'photofinish_flush_rows_total'),
      await metric(b, 'photofinish_flush_rows_total'),
    ];
    await until('both are flushed', async () => (await counts()).reduce((sum, count) => sum + count) >= 2);
    // The lease may have moved while the second server came to know the board; from then on it stays.
    let score = 60;
    await until('only the holder of the lease flushes', async () => {
      const before = await counts();
      for (let flushes = 0; flushes < 5; flushes++) {
        const [seen = 0, other = 0] = await counts();
        score += 1;
        await hostA.ok({ type: 'tick', match, player: 'ada', score, seq: score });
        await until('a flush', async () => (await counts()).reduce((sum, n) => sum + n) > seen + other);
      }
      const after = await counts();
      return after.filter((count, i) => count > (before[i] ?? 0)).length === 1;
    });
    await assertAgreement(a, 'shared', String(season));
  });

  it('[SE9] started at the same moment on the same boards file they make each board and its first season once', async () => {
    const a = await startServer({ env: { BOARDS_FILE: 'boards.json' } });
    const [b, c] = await Promise.all([
      startServer({ ...a, env: { BOARDS_FILE: 'boards.json' } }),
      startServer({ ...a, env: { BOARDS_FILE: 'boards.json' } }),
    ]);
    running.push(a, b, c);
    for (const board of await must(b, 'GET', '/v1/boards').then((body) => body.boards ?? body)) {
      const seasons = await must(c, 'GET', `/v1/boards/${board.id}/seasons`);
      expect(seasons.seasons ?? seasons).toHaveLength(1);
    }
  });
});
