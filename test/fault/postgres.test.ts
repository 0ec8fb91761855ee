import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import { assertAgreement } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { freeze } from '../support/process-group.ts';
import { Deltas, expectExact, seasonOf, setTable, windowOf, wireOf } from '../support/table.ts';

/** Every stored final as `player score`. */
async function storedFinals(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const rows = await sql<{ player: string; score: string }[]>`
      select player, score from final_scores order by player collate "C", score`;
    return rows.map(({ player, score }) => `${player} ${score}`);
  } finally {
    await sql.end();
  }
}

describe('Postgres', () => {
  it('[FT6] stopped: ticks go on, finals are refused with nothing done, and the flush resumes by itself', async () => {
    const { server, postgres: database } = await setTable();
    const wire = await wireOf(server);
    const { match, season } = await wire.ok({ type: 'match.start', board: 'arena' });
    await wire.ok({ type: 'final', match, player: 'ann', score: 10 });
    const deltas = new Deltas().start(20, () => wire);
    await until('some hundred acks', () => deltas.count > 300);
    const free = await seasonOf(server, 'free');
    await database.stop();
    const before = deltas.count;
    expect(await wire.ask({ type: 'final', match, player: 'bob', score: 20 })).toMatchObject({
      type: 'error',
      code: 'UNAVAILABLE',
      retryable: true,
    });
    await until('ticks go on without Postgres', () => deltas.count > before + 500);
    expect((await wire.ok({ type: 'top', board: 'free' }))['source'], 'reads too').toBe('live');
    await database.restart();
    expect(await storedFinals(database.url), 'the refused final left nothing').toEqual(['ann 10']);
    await deltas.stop();
    await until('the flush has caught up by itself', async () => (await windowOf(server, free)).dirty === 0);
    await until('the final is taken now', async () => {
      const reply = await wire.ask({ type: 'final', match, player: 'bob', score: 20 });
      return reply.type === 'ok' && reply['confirmed'] === 20;
    });
    await expectExact(server, deltas);
    await assertAgreement(server, 'arena', String(season));
  });

  it('[FT7] stopped in its tracks: ticks go on, the outcome of a final is unknown, and its resend is stored once', async () => {
    const { server, postgres: database } = await setTable();
    const wire = await wireOf(server);
    const { match, season } = await wire.ok({ type: 'match.start', board: 'arena' });
    await wire.ok({ type: 'final', match, player: 'ann', score: 10 });
    const deltas = new Deltas().start(20, () => wire);
    await until('some hundred acks', () => deltas.count > 300);
    const goOn = freeze(database.pid);
    try {
      const before = deltas.count;
      const reply = await wire.ask({ type: 'final', match, player: 'bob', score: 20 });
      expect(reply).toMatchObject({ type: 'error', retryable: true });
      expect(['OUTCOME_UNKNOWN', 'UNAVAILABLE']).toContain(reply.code);
      await until('ticks go on without Postgres', () => deltas.count > before + 500);
    } finally {
      goOn();
    }
    await until(
      'the resend is taken',
      async () => (await wire.ask({ type: 'final', match, player: 'bob', score: 20 })).type === 'ok',
    );
    expect(await storedFinals(database.url)).toEqual(['ann 10', 'bob 20']);
    await deltas.stop();
    await expectExact(server, deltas);
    await assertAgreement(server, 'arena', String(season));
  });

  it('[FT8] slow: ticks do not wait for it, finals do, and past the time limit their outcome is unknown', async () => {
    const { server, postgresProxy, postgres: database } = await setTable();
    const wire = await wireOf(server);
    const { match, season } = await wire.ok({ type: 'match.start', board: 'arena' });
    postgresProxy.delay(40);
    const startedAt = performance.now();
    await wire.ok({ type: 'final', match, player: 'ann', score: 10 });
    const finalMs = performance.now() - startedAt;
    expect(finalMs, 'a final waits for its commit').toBeGreaterThan(160);
    const deltas = new Deltas().start(5, () => wire);
    await until('ticks are quick', () => deltas.count > 500);
    postgresProxy.delay(3_000);
    const late = await wire.ask({ type: 'final', match, player: 'bob', score: 20 });
    expect(late).toMatchObject({ type: 'error', retryable: true });
    postgresProxy.heal();
    await until(
      'the resend is taken',
      async () => (await wire.ask({ type: 'final', match, player: 'bob', score: 20 })).type === 'ok',
    );
    expect(await storedFinals(database.url)).toEqual(['ann 10', 'bob 20']);
    await deltas.stop();
    await expectExact(server, deltas);
    await assertAgreement(server, 'arena', String(season));
  });

  it('[FT9] the answer to a commit is lost: the outcome is unknown, and the resend of the final is a duplicate', async () => {
    const { server, postgresProxy, postgres: database } = await setTable();
    const wire = await wireOf(server);
    const first = await wire.ok({ type: 'match.start', board: 'arena' });
    const { match, season } = await wire.ok({ type: 'match.start', board: 'arena' });
    // The server knows the player by now, so that only the statement that stores and commits the next final names it.
    await wire.ok({ type: 'final', match: first['match'], player: 'ann', score: 5 });
    const final = { type: 'final', match, player: 'ann', score: 10 };
    await assertAgreement(server, 'arena', String(season));
    postgresProxy.loseReply('ann');
    const reply = await wire.ask(final);
    expect(reply).toMatchObject({ type: 'error', code: 'OUTCOME_UNKNOWN', retryable: true });
    expect(postgresProxy.lostReplies).toBe(1);
    expect(await storedFinals(database.url), 'it was committed').toEqual(['ann 5', 'ann 10']);
    expect(await wire.ok(final)).toMatchObject({ duplicate: true, confirmed: 15 });
    expect(await wire.ask({ ...final, score: 11 })).toMatchObject({ code: 'FINAL_CONFLICT' });
    await assertAgreement(server, 'arena', String(season));
  });

  it('[FT10] the answer to a flush is lost: it is written once more, and the rows are right', async () => {
    const { server, postgresProxy } = await setTable();
    const wire = await wireOf(server);
    postgresProxy.loseReply('commit', 3);
    const deltas = new Deltas().start(10, () => wire);
    await until('three commits without an answer', () => postgresProxy.lostReplies === 3);
    await deltas.stop();
    await expectExact(server, deltas);
  });
});
