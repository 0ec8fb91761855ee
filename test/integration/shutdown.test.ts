import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { must } from '../support/admin.ts';
import { snapshotRows } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { startServer } from '../support/server.ts';
import { openWire } from '../support/wire.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

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

  it('[LC3] Ctrl-C that comes twice within milliseconds, as through npm, drains once', async () => {
    const server = await startServer();
    process.kill(server.pid, 'SIGINT');
    expect(await server.kill('SIGINT')).toBe(0);
    expect(server.logs()).toContain('everything is flushed');
    await server.stop();
  });

  it('[LC3] a later signal ends the process at once', async () => {
    const program = `import('./server/src/stop-signals.ts').then(({ onStopSignal }) => {
      onStopSignal((signal, exitCode) => console.log(signal, exitCode));
      setInterval(() => undefined, 1_000);
      console.log('ready');
    })`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--eval', program], { cwd: ROOT });
    onTestFinished(() => void child.kill('SIGKILL'));
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => (told += chunk));
    const ended = once(child, 'exit');
    await until('it is ready', () => told.includes('ready'));
    for (const signal of ['SIGINT', 'SIGINT'] as const) child.kill(signal);
    await until('it is told', () => told.includes('SIGINT 130'));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(child.exitCode).toBe(null);
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
    expect(told).toBe('ready\nSIGINT 130\n');
  });
});
