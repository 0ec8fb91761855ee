import { describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { snapshotRows } from '../support/agreement.ts';
import { startServer } from '../support/server.ts';
import { openWire } from '../support/wire.ts';

describe('stopping', () => {
  it('[LC2] SIGTERM answers what is under way, tells clients, flushes everything and exits 0', async () => {
    const server = await startServer();
    await must(server, 'POST', '/v1/admin/boards', {
      id: 'slow',
      title: 'Slow',
      kind: 'open',
      flush: { intervalMs: 600_000 },
    });
    const wire = await openWire(server.url, await server.token('server', 'host'));
    const replies = Array.from({ length: 200 }, (_, i) =>
      wire.ask({ type: 'tick', board: 'slow', player: `p${i}`, score: i, seq: 1 }),
    );
    await replies[0];
    const exit = server.kill('SIGTERM');
    const answered = await Promise.all(replies);
    const acked = answered.filter((reply) => reply['ack'] === 'cache').length;
    expect(acked).toBeGreaterThan(0);
    for (const reply of answered)
      if (reply.type !== 'ok')
        expect(reply, 'nothing is left without an answer').toMatchObject({
          code: 'SHUTTING_DOWN',
          retryable: true,
        });
    const { code } = await wire.closed;
    expect(code).toBe(1012);
    expect(wire.pushes.some((push) => push.type === 'stopping')).toBe(true);
    expect(await exit).toBe(0);
    const second = await startServer(server);
    const { season } = await (await openWire(second.url, await second.token('viewer', 'v'))).ok({
      type: 'top',
      board: 'slow',
    });
    expect(await snapshotRows(server.databaseUrl, String(season))).toHaveLength(acked);
    expect(await second.stop()).toBe(0);
    await server.stop();
  });

  it('[LC3] a second signal exits at once', async () => {
    const server = await startServer();
    process.kill(server.pid, 'SIGTERM');
    const code = await server.kill('SIGINT');
    expect([0, 130]).toContain(code);
    await server.stop();
  });
});
