import { afterEach, describe, expect, it } from 'vitest';
import { migrate } from '../../server/src/postgres/migrate.ts';
import { must } from '../support/admin.ts';
import { assertAgreement } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { type FreshService, freshPostgres } from '../support/services.ts';
import { openWire } from '../support/wire.ts';

const running: { stop: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop();
});

async function setUp(
  env: Record<string, string> = {},
): Promise<{ database: FreshService; server: ServerProcess }> {
  const database = await freshPostgres();
  running.push({ stop: () => database.remove() });
  await migrate(database.url);
  const server = await startServer({ databaseUrl: database.url, env });
  running.push(server);
  return { database, server };
}

describe('Postgres goes away under load', () => {
  it('[FL7] ticks go on, finals are refused at once as retryable, and all is flushed when it is back', async () => {
    const { database, server } = await setUp();
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: 'arena', title: 'Arena' },
      flush: { intervalMs: 200 },
    });
    const host = await openWire(server.url, await server.token('server', 'host'));
    const { match, season } = await host.ok({ type: 'match.start', board: 'arena' });
    await host.ok({ type: 'tick', match, player: 'p0', score: 1 });
    await database.stop();
    const tick = (i: number) => host.ok({ type: 'tick', match, player: `p${i % 40}`, score: i });
    let sent = 0;
    for (; sent < 200; sent++) await tick(sent);
    const final = () => host.ask({ type: 'final', match, player: 'p1', score: 5_000 });
    await until('the breaker', () => server.logs().includes('postgres cannot be used; writes wait for it'));
    const askedAt = performance.now();
    const refused = await final();
    expect(refused).toMatchObject({ type: 'error', code: 'UNAVAILABLE', retryable: true });
    expect(refused['retryAfterMs']).toBeGreaterThan(0);
    expect(performance.now() - askedAt).toBeLessThan(500);
    for (; sent < 400; sent++) await tick(sent);
    await database.restart();
    await until('a final that is taken', async () => (await final()).type === 'ok', 30_000);
    await assertAgreement(server, 'arena', String(season));
    host.close();
  });
});
