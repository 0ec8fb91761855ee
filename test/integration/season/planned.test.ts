import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must } from '../../support/admin.ts';
import { seasonEvents } from '../../support/boundary.ts';
import { until } from '../../support/condition.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { openWire } from '../../support/wire.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

const MINUTE = 60_000;
const seasonsOf = async (board: string) => (await must(server, 'GET', `/v1/boards/${board}/seasons`)).seasons;
const make = async (id: string, rules: object = {}) => {
  await must(server, 'POST', '/v1/admin/boards', { id, title: id, finals: { graceSeconds: 0 }, ...rules });
  return (await seasonsOf(id))[0].id;
};
const plan = (board: string, body: object) => call(server, 'POST', `/v1/admin/boards/${board}/seasons`, body);
/** As if the time had come: no test waits a minute. */
async function bring(board: string, what: object): Promise<void> {
  const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
  const now = Date.now();
  const [column, state] = 'starts' in what ? ['started_at', 'upcoming'] : ['ends_at', 'open'];
  await sql`update seasons set ${sql(column)} = ${now} where board = ${board} and state = ${state}`;
  await sql`update boards set boundary_at = ${now} where id = ${board}`;
  await sql.end();
}

describe('a season that is planned', () => {
  it('[PS1] opens and ends by itself, and the one before it makes room', async () => {
    const first = await make('cup');
    const startsAt = Date.now() + MINUTE;
    const planned = await plan('cup', {
      startsAt: new Date(startsAt).toISOString(),
      endsAt: startsAt + 2 * MINUTE,
    });
    expect(planned).toMatchObject({
      status: 201,
      body: { state: 'upcoming', number: 2, startedAt: startsAt, endsAt: startsAt + 2 * MINUTE },
    });
    const host = await openWire(server.url, await server.token('server', 'host'));
    expect((await host.ok({ type: 'match.start', board: 'cup' }))['season']).toBe(first);
    await bring('cup', { starts: true });
    await until('it is open', async () => (await seasonsOf('cup'))[0].state === 'open');
    expect((await seasonsOf('cup'))[1]).toMatchObject({ id: first, state: 'closed' });
    expect((await host.ok({ type: 'match.start', board: 'cup' }))['season']).toBe(planned.body.id);
    await bring('cup', { ends: true });
    await until('it has ended', async () => (await seasonsOf('cup'))[0].state === 'closed');
    expect(await host.ask({ type: 'match.start', board: 'cup' })).toMatchObject({ code: 'SEASON_NOT_OPEN' });
    expect(await seasonEvents(server.databaseUrl, 'cup')).toEqual(
      [1, 2].flatMap((n) => [`${n} season.started`, `${n} season.ended`, `${n} season.closed`]),
    );
  });

  it('[PS2] may have an end alone, is opened early by hand, and is given up by closing it', async () => {
    const first = await make('free', { kind: 'open' });
    await must(server, 'POST', `/v1/admin/seasons/${first}/close`);
    const endsAt = Date.now() + 5 * MINUTE;
    const opened = await plan('free', { endsAt });
    expect(opened).toMatchObject({ status: 201, body: { state: 'open', endsAt } });
    const startsAt = endsAt + MINUTE;
    const next = await plan('free', { startsAt });
    expect(next.body).toMatchObject({ state: 'upcoming' });
    expect(await plan('free', { startsAt })).toMatchObject({ status: 409 });
    expect(await must(server, 'POST', `/v1/admin/seasons/${next.body.id}/close`)).toMatchObject({
      state: 'closed',
    });
    expect(await seasonEvents(server.databaseUrl, 'free')).not.toContain('3 season.closed');
    expect(await seasonsOf('free')).toHaveLength(2);
    const again = await plan('free', { startsAt });
    await must(server, 'POST', `/v1/admin/seasons/${opened.body.id}/close`);
    expect((await must(server, 'GET', '/v1/boards/free/top')).season).toBe(opened.body.id);
    expect((await plan('free', {})).body).toMatchObject({ id: again.body.id, state: 'open' });
  });

  it('[PS3] is refused by name where it cannot be', async () => {
    await make('weekly', { season: { schedule: '0 0 * * 1' } });
    await make('plain');
    const future = Date.now() + MINUTE;
    for (const [board, body, field] of [
      ['weekly', { startsAt: future }, 'startsAt'],
      ['plain', { startsAt: Date.now() - 1 }, 'startsAt'],
      ['plain', { startsAt: future, endsAt: future + 1 }, 'endsAt'],
      ['plain', { startsAt: '2026-03-01' }, 'startsAt'],
      ['plain', { startsat: future }, 'startsat'],
    ] as const)
      expect(await plan(board, body)).toMatchObject({
        ...{ status: 400, body: { field: expect.stringContaining(field), fix: expect.any(String) } },
      });
  });
});
