import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { assertAgreement } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire } from '../support/wire.ts';

const running: ServerProcess[] = [];
afterEach(async () => {
  for (const server of running.splice(0).reverse()) {
    process.kill(server.pid, 'SIGCONT');
    await server.stop();
  }
});

const LEASE = { FLUSH_LEASE_MS: '1000', RECONCILE_INTERVAL_MS: '300', REQUESTS_PER_SECOND_MAX: '100000' };

async function metric(server: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('a server that is stopped (SIGSTOP) while it flushes, for longer than its lease', () => {
  it('[LE3] is replaced by the other, and wakes up late without harm: no acked tick is lost, no older row written', async () => {
    const first = await startServer({ env: LEASE });
    const second = await startServer({ ...first, env: LEASE });
    running.push(first, second);
    await must(first, 'POST', '/v1/admin/boards', {
      ...{ id: 'arena', title: 'Arena', kind: 'open', operator: 'sum' },
      ticks: { maxPerSecond: 10_000 },
      flush: { intervalMs: 100 },
    });
    const [season] = (await must(first, 'GET', '/v1/boards/arena/seasons')).seasons;
    const redis = new Redis(first.redisUrl);
    try {
      const holder = async () => {
        const name = (await redis.get(`pf:{arena:${season.id}}:lease`)) ?? '';
        return [first, second].find((server) => name.includes(`.${server.pid}.`));
      };
      const acked = new Map<string, number>();
      for (let pauses = 0; pauses < 2; pauses++) {
        let held: ServerProcess | undefined;
        let looks = 0;
        // Both servers renew about once a second: past that the lease has moved to where it stays.
        const paused = await until('both look after the season, and one has the lease for good', async () => {
          const now = (await redis.zcard(`pf:{arena:${season.id}}:crew`)) === 2 ? await holder() : undefined;
          looks = now !== undefined && now === held ? looks + 1 : 0;
          held = now;
          return looks > 100 ? now : undefined;
        });
        const other = paused === first ? second : first;
        const host = await openWire(other.url, await other.token('server', 'host'));
        let playing = true;
        const play = async (player: string) => {
          for (let turn = 0; playing && turn < 100_000; turn++) {
            const seq = (acked.get(player) ?? 0) + 1;
            await host.ok({ type: 'tick', board: 'arena', player, delta: 1, seq });
            acked.set(player, seq);
          }
        };
        const all = Promise.allSettled(Array.from({ length: 8 }, (_, i) => play(`p${i}`)));
        const rows = 'photofinish_flush_rows_total';
        const before = await metric(paused, rows);
        await until('it flushes', async () => (await metric(paused, rows)) > before);
        process.kill(paused.pid, 'SIGSTOP');
        await until('the other has the lease', async () => (await holder()) === other);
        const taken = await metric(other, rows);
        await until('the other flushes', async () => (await metric(other, rows)) > taken + 20);
        process.kill(paused.pid, 'SIGCONT');
        await until('the paused one answers again', () =>
          fetch(`${paused.url}/healthz`).then(({ ok }) => ok),
        );
        playing = false;
        for (const played of await all) if (played.status === 'rejected') throw played.reason;
        host.close();
      }
      await assertAgreement(first, 'arena', season.id);
      const players = [...acked.keys()];
      const wire = await openWire(first.url, await first.token('viewer', 'page'));
      const { entries } = await wire.ok({ type: 'rank', board: 'arena', players });
      expect((entries ?? []).map(({ score }) => score)).toEqual([...acked.values()]);
      for (const server of [first, second])
        expect(await metric(server, 'photofinish_reconcile_found_total'), 'nothing has drifted').toBe(0);
    } finally {
      redis.disconnect();
    }
  });
});
