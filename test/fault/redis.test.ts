import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { assertAgreement } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { freeze } from '../support/process-group.ts';
import { Deltas, expectExact, seasonOf, setTable, type Table, windowOf, wireOf } from '../support/table.ts';

const ends: Record<string, (table: Table) => Promise<void>> = {
  'restarted in order': ({ redis }) => redis.stop(),
  'killed with -9': ({ redis }) => redis.kill(),
};

describe('Redis', () => {
  it.each(Object.keys(ends))('[FT1] %s, with AOF: every acked tick is there once', async (how) => {
    const table = await setTable();
    const { server, redis } = table;
    const wire = await wireOf(server);
    const deltas = new Deltas().start(20, () => wire);
    await until('some hundred acks', () => deltas.count > 300);
    await ends[how]?.(table);
    const refused = await wire.ask({ type: 'tick', board: 'free', player: 'zoe', delta: 1, seq: 1 });
    expect(refused, 'a tick that Redis cannot take is refused, not lost').toMatchObject({
      type: 'error',
      retryable: true,
    });
    const reading = await wire.ok({ type: 'top', board: 'free' });
    expect(reading['source'], 'reads go on, from the snapshot').toBe('snapshot');
    await redis.restart();
    const before = deltas.count;
    await until('ticks go on', () => deltas.count > before + 300);
    await deltas.stop();
    await expectExact(server, deltas);
  });

  it('[FT2] down: a final is stored and answered as pending, and live after the return', async () => {
    const { server, redis } = await setTable();
    const wire = await wireOf(server);
    const { match, season } = await wire.ok({ type: 'match.start', board: 'arena' });
    await redis.kill();
    const answer = await wire.ok({ type: 'final', match, player: 'ann', score: 70 });
    expect(answer).toMatchObject({ ack: 'database', live: 'pending' });
    await redis.restart();
    await until('the final is live', async () => {
      const reply = await wire.ask({ type: 'rank', board: 'arena', players: ['ann'] });
      return reply['source'] === 'live' && reply.entries?.[0]?.score === 70;
    });
    await assertAgreement(server, 'arena', String(season));
  });

  it('[FT3] emptied: what was flushed and every final are right under a new epoch, and play goes on', async () => {
    const { server, redis } = await setTable();
    const wire = await wireOf(server);
    const { match, season } = await wire.ok({ type: 'match.start', board: 'arena' });
    for (let i = 0; i < 20; i++) await wire.ok({ type: 'final', match, player: `f${i}`, score: i });
    for (let i = 0; i < 20; i++)
      await wire.ok({ type: 'tick', board: 'free', player: `p${i}`, delta: i + 1, seq: 1 });
    const free = await seasonOf(server, 'free');
    await must(server, 'POST', `/v1/admin/seasons/${free}/flush`);
    const { epoch } = await windowOf(server, free);

    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    const { entries } = await wire.ok({ type: 'top', board: 'free', limit: 20 });
    expect(entries?.map(({ player, score }) => [player, score])).toEqual(
      Array.from({ length: 20 }, (_, i) => [`p${19 - i}`, 20 - i]),
    );
    expect((await windowOf(server, free)).epoch).toBeGreaterThan(epoch);
    const players = Array.from({ length: 20 }, (_, i) => `f${i}`);
    const finals = await wire.ok({ type: 'rank', board: 'arena', players });
    expect(finals.entries?.map(({ score }) => score)).toEqual(players.map((_, i) => i));
    const again = await wire.ok({ type: 'tick', board: 'free', player: 'p3', delta: 4, seq: 1 });
    expect(again, 'a seq from before is remembered').toMatchObject({ improved: false, score: 4 });
    await wire.ok({ type: 'tick', board: 'free', player: 'p3', delta: 100, seq: 2 });
    await assertAgreement(server, 'free', free);
    await assertAgreement(server, 'arena', String(season));
  });

  it('[FT4] stopped in its tracks: the outcome of a tick is unknown, and its resend counts once', async () => {
    const { server, redis } = await setTable();
    const wire = await wireOf(server);
    const tick = { type: 'tick', board: 'free', player: 'ann', delta: 5, seq: 1 };
    await wire.ok({ ...tick, player: 'bob' });
    const goOn = freeze(redis.pid);
    try {
      expect(await wire.ask(tick)).toMatchObject({ type: 'error', code: 'OUTCOME_UNKNOWN', retryable: true });
    } finally {
      goOn();
    }
    await until('the resend is taken', async () => (await wire.ask(tick)).type === 'ok');
    const { entries } = await wire.ok({ type: 'rank', board: 'free', players: ['ann'] });
    expect(entries?.[0]?.score).toBe(5);
    await assertAgreement(server, 'free', await seasonOf(server, 'free'));
  });

  it('[FT5] a reply lost after the tick was applied: unknown, and the resend counts once', async () => {
    const { server, redisProxy } = await setTable();
    const wire = await wireOf(server);
    await wire.ok({ type: 'tick', board: 'free', player: 'bob', delta: 1, seq: 1 });
    const tick = { type: 'tick', board: 'free', player: 'ann', delta: 5, seq: 1 };
    redisProxy.loseReply('ann');
    expect(await wire.ask(tick)).toMatchObject({ type: 'error', code: 'OUTCOME_UNKNOWN' });
    expect(redisProxy.lostReplies).toBe(1);
    redisProxy.heal();
    await until('the resend is taken', async () => (await wire.ask(tick)).type === 'ok');
    const { entries } = await wire.ok({ type: 'rank', board: 'free', players: ['ann'] });
    expect(entries?.[0]?.score, 'applied once').toBe(5);
    await assertAgreement(server, 'free', await seasonOf(server, 'free'));
  });
});
