import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must } from '../support/admin.ts';
import { snapshotRows } from '../support/agreement.ts';
import { until } from '../support/condition.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire, type Wire } from '../support/wire.ts';

let server: ServerProcess;
let sql: postgres.Sql;
let writer: Wire;
beforeAll(async () => {
  server = await startServer();
  sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
  writer = await openWire(server.url, await server.token('server', 'host'));
});
afterAll(async () => {
  writer.close();
  await sql.end();
  await server.stop();
});

let made = 0;

/** An open board, and a database that takes no row of the player `bad` in it until `cure`. */
async function poisoned() {
  made++;
  const board = `poison-${made}`;
  const name = `no_bad_${made}`;
  await must(server, 'POST', '/v1/admin/boards', {
    ...{ id: board, title: board, kind: 'open', operator: 'latest' },
    flush: { intervalMs: 100 },
  });
  const { season } = await must(server, 'GET', `/v1/boards/${board}/top`);
  await sql.unsafe(
    `alter table snapshot_entries add constraint ${name} check (season <> '${season}' or player <> 'bad') not valid`,
  );
  const cure = () => sql.unsafe(`alter table snapshot_entries drop constraint ${name}`);
  const tick = (player: string, score: number) => writer.ok({ type: 'tick', board, player, score });
  const parked = async () => await must(server, 'GET', `/v1/admin/flush-failures?season=${season}`);
  const clean = () =>
    until(
      'nothing dirty',
      async () => (await must(server, 'GET', `/v1/seasons/${season}/window`)).dirty === 0,
    );
  const at = `/v1/admin/flush-failures/${season}/bad`;
  return { board, season: season as string, cure, tick, parked, clean, at };
}

const scores = async (season: string) =>
  (await snapshotRows(server.databaseUrl, season)).map(({ player, score }) => [player, score]);

describe('a poison row', () => {
  it('[FP1] is parked with its reason, and everything else of the batch is written', async () => {
    const { season, tick, parked, clean } = await poisoned();
    await Promise.all([tick('a', 1), tick('bad', 66), tick('c', 3), tick('d', 4)]);
    await clean();
    expect(await scores(season)).toEqual([
      ['d', 4],
      ['c', 3],
      ['a', 1],
    ]);
    const { total, failures } = await parked();
    expect(total).toBe(1);
    expect(failures[0]).toMatchObject({ season, player: 'bad', score: 66, sqlState: '23514', epoch: 2 });
    expect(failures[0].reason).toContain('violates check constraint');
    const { watermark, version } = await must(server, 'GET', `/v1/seasons/${season}/window`);
    expect(watermark.version).toBe(version);
  });

  it('[FP3] stays parked while it is refused, and goes when a newer change of its entry is written', async () => {
    const { season, cure, tick, parked, clean } = await poisoned();
    await tick('bad', 1);
    await clean();
    await tick('bad', 2);
    await clean();
    expect((await parked()).failures).toMatchObject([{ player: 'bad', score: 2 }]);
    await cure();
    await tick('bad', 3);
    await clean();
    expect(await parked()).toMatchObject({ total: 0, failures: [] });
    expect(await scores(season)).toEqual([['bad', 3]]);
  });

  it('[FP4] is tried again by an admin: parked while the cause is there, written when it is gone', async () => {
    const { season, cure, tick, parked, clean, at } = await poisoned();
    await tick('bad', 7);
    await clean();
    expect(await must(server, 'POST', `${at}/retry`)).toMatchObject({ outcome: 'parked' });
    expect((await parked()).total).toBe(1);
    await cure();
    expect(await must(server, 'POST', `${at}/retry`)).toMatchObject({ outcome: 'written' });
    expect((await parked()).total).toBe(0);
    expect(await scores(season)).toEqual([['bad', 7]]);
    expect((await call(server, 'POST', `${at}/retry`)).status).toBe(404);
    const log = await sql`select by, action from audit_log where target = ${`${season}/bad`}`;
    expect(log).toHaveLength(2);
    expect(log[0]).toEqual({ by: 'test-admin', action: 'flush-failure.retry' });
  });

  it('[FP4] is given up by an admin: the audit log keeps it, and the live entry goes on', async () => {
    const { season, board, cure, tick, parked, clean, at } = await poisoned();
    await tick('bad', 9);
    await clean();
    expect(await must(server, 'DELETE', at)).toMatchObject({ player: 'bad', score: 9 });
    expect((await parked()).total).toBe(0);
    const [entry] = await sql`select detail from audit_log where action = 'flush-failure.discard'`;
    expect(entry?.['detail']).toMatchObject({ season, record: { player: 'bad', score: 9 } });
    await cure();
    expect(await writer.ok({ type: 'rank', board, players: ['bad'] })).toMatchObject({
      entries: [{ rank: 1, score: 9 }],
    });
    await tick('bad', 10);
    await clean();
    expect(await scores(season)).toEqual([['bad', 10]]);
  });

  it('[FP5] is in the season that is rebuilt, and a retry writes the parked record of one that left memory', async () => {
    const { season, board, cure, tick, parked, clean, at } = await poisoned();
    await Promise.all([tick('a', 1), tick('bad', 5)]);
    await clean();
    const redis = new Redis(server.redisUrl);
    const forget = async () => redis.del(...(await redis.keys(`pf:{${board}:${season}}:*`)));
    await forget();
    const top = async () => (await writer.ok({ type: 'top', board, limit: 10 })).entries;
    expect(await top()).toMatchObject([
      { player: 'bad', score: 5 },
      { player: 'a', score: 1 },
    ]);
    await clean();
    expect((await parked()).total).toBe(1);
    await forget();
    await cure();
    expect(await must(server, 'POST', `${at}/retry`)).toMatchObject({ outcome: 'written' });
    expect(await scores(season)).toEqual([
      ['bad', 5],
      ['a', 1],
    ]);
    expect(await top()).toMatchObject([{ player: 'bad' }, { player: 'a' }]);
    redis.disconnect();
  });

  it('[AL4] raises an alert, again after a restart, which clears when none is left', async () => {
    const { tick, clean } = await poisoned();
    const total = (of: string) => async () => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return Number(new RegExp(`^photofinish_${of}\\{alert="poison-parked"\\} (\\d)`, 'm').exec(text)?.[1]);
    };
    const active = total('alert_active');
    await tick('bad', 1);
    await clean();
    expect(await active()).toBe(1);
    const other = await startServer(server);
    expect(other.logs()).toContain('"alert":"poison-parked"');
    const { failures } = await must(server, 'GET', '/v1/admin/flush-failures');
    for (const { season, player } of failures)
      await must(server, 'DELETE', `/v1/admin/flush-failures/${season}/${player}`);
    await until('the clear', async () => (await active()) === 0);
    await until('the clear of the other', () => other.logs().includes('alert cleared'));
    await other.stop();
  });
});

describe('a poison row of policy through', () => {
  it('[TH5] is not acked while it is parked, and is once it was retried; its batch is', async () => {
    made++;
    const [board, name] = [`poison-${made}`, `no_bad_${made}`];
    await must(server, 'POST', '/v1/admin/boards', {
      ...{ id: board, title: board, kind: 'open', operator: 'latest' },
      ticks: { policy: 'through' },
    });
    const { season } = await must(server, 'GET', `/v1/boards/${board}/top`);
    await sql.unsafe(
      `alter table snapshot_entries add constraint ${name} check (season <> '${season}' or player <> 'bad') not valid`,
    );
    const send = (player: string) => writer.ask({ type: 'tick', board, player, score: 7, seq: 1 });
    const [good, bad] = await Promise.all([send('good'), send('bad')]);
    expect(good).toMatchObject({ type: 'ok', ack: 'database' });
    expect(bad).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
    expect(await send('bad'), 'a repeat').toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await sql.unsafe(`alter table snapshot_entries drop constraint ${name}`);
    await must(server, 'POST', `/v1/admin/flush-failures/${season}/bad/retry`);
    expect(await send('bad')).toMatchObject({ type: 'ok', ack: 'database', repeat: true });
  });
});
