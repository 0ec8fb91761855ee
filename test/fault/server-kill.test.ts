import { afterEach, describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { assertAgreement } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire } from '../support/wire.ts';

const running: ServerProcess[] = [];
afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
});

describe('kill -9 of the server in mid-run', () => {
  it('[LC4] loses no acked tick and no acked final: a new server serves and flushes them', async () => {
    const first = await startServer();
    running.push(first);
    // A wide window, so that most of what is acked is only in Redis when the server dies.
    await must(first, 'POST', '/v1/admin/boards', {
      id: 'arena',
      title: 'Arena',
      ticks: { maxPerSecond: 10_000 },
      flush: { intervalMs: 400 },
    });
    const host = await openWire(first.url, await first.token('server', 'host'));
    const { match, season } = await host.ok({ type: 'match.start', board: 'arena' });
    const acked = new Map<string, number>();
    let finals = 0;
    let killed = false;
    const play = async (player: string) => {
      for (let score = 1; !killed; score++) {
        const reply = await host.ask({ type: 'tick', match, player, score, seq: score });
        if (reply.type !== 'ok') return;
        acked.set(player, score);
      }
    };
    const finish = async () => {
      for (let i = 0; !killed; i++) {
        const reply = await host.ask({ type: 'final', match, player: `done-${i}`, score: i });
        if (reply.type !== 'ok') return;
        finals = i + 1;
      }
    };
    const players = Array.from({ length: 50 }, (_, i) => `p${i}`);
    const all = Promise.all([...players.map(play), finish()]);
    await until(
      'some hundred acks over several flushes',
      () => [...acked.values()].reduce((a, b) => a + b, 0) > 2_000 && finals > 20,
    );
    await first.kill('SIGKILL');
    killed = true;
    await all;

    const second = await startServer(first);
    running.push(second);
    const other = await openWire(second.url, await second.token('server', 'host'));
    const { entries } = await other.ok({ type: 'rank', board: 'arena', players });
    for (const entry of entries as { player: string; score: number }[])
      expect(entry.score, entry.player).toBeGreaterThanOrEqual(acked.get(entry.player) ?? 0);
    const done = Array.from({ length: finals }, (_, i) => `done-${i}`);
    const ended = await other.ok({ type: 'rank', board: 'arena', players: done });
    expect((ended.entries as { score: number }[]).map((entry) => entry.score)).toEqual(done.map((_, i) => i));
    for (const [player, score] of acked) {
      const again = await other.ok({ type: 'tick', match, player, score, seq: score });
      expect(again, 'a resend of an acked tick changes nothing').toMatchObject({ improved: false });
    }
    await assertAgreement(second, 'arena', String(season));
  });
});
