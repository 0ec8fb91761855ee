import { Fault } from '@photofinish/shared/protocol/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Postgres } from '../../../server/src/postgres/connections.ts';
import { durabilityProblems } from '../../../server/src/postgres/schema-check.ts';
import { until } from '../../support/condition.ts';
import { freshPostgres } from '../../support/services.ts';
import { connect, silentLog, type TestDatabase, testDatabase } from './database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await db.sql`create table notes (note text primary key)`;
});
afterAll(() => db.close());

const faultCode = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no fault',
    (error: unknown) => (error instanceof Fault ? error.code : `${error}`),
  );
const notes = async () => (await db.sql`select note from notes order by note`).map((row) => row['note']);
/** The backend that runs a statement with this mark in it. */
const backendOf = (mark: string): Promise<number> =>
  until(`a backend running ${mark}`, async () => {
    const [row] = await db.sql`select pid from pg_stat_activity where query like ${`%${mark}%`}
      and pid <> pg_backend_pid() and state = 'active'`;
    return row?.['pid'] as number | undefined;
  });

describe('connections', () => {
  test('[PG6] a statement past statement_timeout is undone and answered UNAVAILABLE, and the connection serves on', async () => {
    const client = connect(db.url, 200);
    const slow = faultCode(
      client.write(async ({ sql }) => {
        await sql`insert into notes values ('slow')`;
        await sql`select pg_sleep(5)`;
      }),
    );
    expect(await slow).toBe('UNAVAILABLE');
    expect(await notes()).not.toContain('slow');
    expect(await client.read(({ sql }) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
    await client.close();
  });

  test('[PG7] a stopped backend: a write past its deadline is OUTCOME_UNKNOWN, a read UNAVAILABLE; neither holds the pool, and the write is undone', async () => {
    const client = new Postgres({
      url: db.url,
      max: 1,
      statementTimeoutMs: 30_000,
      name: 'stop',
      log: silentLog,
    });
    const write = faultCode(
      client.write(async ({ sql }) => {
        await sql`insert into notes values ('stopped')`;
        await sql`select pg_sleep(0.3), 'stop-write'`;
      }, 600),
    );
    const pid = await backendOf('stop-write');
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await write).toBe('OUTCOME_UNKNOWN');
      // max is 1: this answers only if the stopped connection gave its place back.
      expect(await client.read(({ sql }) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until('the backend to be gone', async () => {
      const rows = await db.sql`select pid from pg_stat_activity where pid = ${pid}`;
      return rows.length === 0;
    });
    expect(await notes()).not.toContain('stopped');
    await client.close();
  });

  test('[PG8] a backend killed inside a transaction: UNAVAILABLE, nothing done, no crash, and no statement of it runs elsewhere', async () => {
    const client = new Postgres({
      url: db.url,
      max: 1,
      statementTimeoutMs: 5_000,
      name: 'kill',
      log: silentLog,
    });
    const doomed = faultCode(
      client.write(async ({ sql }) => {
        await sql`insert into notes values ('before-kill')`;
        await sql`select pg_sleep(5), 'kill-in-work'`.catch(() => undefined);
        // The work does not know that its transaction is gone; a client that reconnected would store this by itself.
        await sql`insert into notes values ('after-kill')`;
      }),
    );
    const pid = await backendOf('kill-in-work');
    await db.sql`select pg_terminate_backend(${pid})`;
    expect(await doomed).toBe('UNAVAILABLE');
    await client.write(({ sql }) => sql`insert into notes values ('next')`);
    expect(await notes()).toContain('next');
    expect(await notes()).not.toContain('before-kill');
    expect(await notes()).not.toContain('after-kill');
    await client.close();
  });

  test('[PG8] a backend killed between two statements of a transaction: the second is not sent elsewhere', async () => {
    const client = new Postgres({
      url: db.url,
      max: 1,
      statementTimeoutMs: 5_000,
      name: 'idle',
      log: silentLog,
    });
    const doomed = faultCode(
      client.write(async (connection) => {
        const [row] = await connection.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
        await db.sql`select pg_terminate_backend(${row?.pid ?? 0})`;
        await until('the loss to be seen', () => connection.lost);
        await connection.sql`insert into notes values ('orphan')`;
      }),
    );
    expect(await doomed).toBe('UNAVAILABLE');
    expect(await notes()).not.toContain('orphan');
    await client.close();
  });

  test('[PG9] a backend killed in COMMIT: OUTCOME_UNKNOWN', async () => {
    await db.sql.unsafe(`
      create table slow_commits (id int);
      create function slow_commit() returns trigger language plpgsql as $$ begin perform pg_sleep(5); return null; end $$;
      create constraint trigger slow_commit after insert on slow_commits deferrable initially deferred
        for each row execute function slow_commit();`);
    const client = new Postgres({
      url: db.url,
      max: 2,
      statementTimeoutMs: 9_000,
      name: 'cmt',
      log: silentLog,
    });
    const doomed = faultCode(client.write(({ sql }) => sql`insert into slow_commits values (1)`));
    const pid = await backendOf('commit');
    await db.sql`select pg_terminate_backend(${pid})`;
    expect(await doomed).toBe('OUTCOME_UNKNOWN');
    await client.close();
  });

  test('[PG10] deadlocked transactions are run again and both succeed', async () => {
    await db.sql`insert into notes values ('left'), ('right')`;
    let met = 0;
    const crossing = (first: string, second: string) =>
      db.postgres.write(async ({ sql }) => {
        await sql`select note from notes where note = ${first} for update`;
        met += 1;
        await until('both to hold one row', () => met >= 2);
        await sql`select note from notes where note = ${second} for update`;
        return 'done';
      });
    expect(await Promise.all([crossing('left', 'right'), crossing('right', 'left')])).toEqual([
      'done',
      'done',
    ]);
    expect(met).toBeGreaterThan(2);
  });

  test('[PG11] at most max connections; calls past them wait, and past their deadline are UNAVAILABLE', async () => {
    const client = new Postgres({
      url: db.url,
      max: 2,
      statementTimeoutMs: 5_000,
      name: 'bounded',
      log: silentLog,
    });
    const [before] =
      await db.sql`select count(*)::int as n from pg_stat_activity where application_name = 'bounded'`;
    expect(before?.['n']).toBe(0);
    const calls = Array.from({ length: 12 }, (_, i) =>
      client.read(
        async ({ sql }) => (await sql<{ n: number }[]>`select ${i}::int as n, pg_sleep(0.02)`)[0]?.n,
      ),
    );
    const late = faultCode(client.read(({ sql }) => sql`select 1`, 1));
    expect(await late).toBe('UNAVAILABLE');
    expect(await Promise.all(calls)).toEqual([...Array(12).keys()]);
    const [after] =
      await db.sql`select count(*)::int as n from pg_stat_activity where application_name = 'bounded'`;
    expect(after?.['n']).toBe(2);
    await client.close();
    expect(await faultCode(client.read(({ sql }) => sql`select 1`))).toBe('SHUTTING_DOWN');
  });

  test('[PG12] a server that is killed and started again: UNAVAILABLE in between, then served without a new client', async () => {
    const server = await freshPostgres();
    try {
      const client = connect(server.url);
      const read = () => client.read(({ sql }) => sql`select 1 as one`);
      const write = () => client.write(({ sql }) => sql`select 1 as one`);
      expect(await read()).toEqual([{ one: 1 }]);
      const doomed = faultCode(client.write(({ sql }) => sql`select pg_sleep(5)`));
      await until('the write to be under way', async () => {
        const rows = await client.read(
          ({ sql }) => sql`select 1 from pg_stat_activity where state = 'active' and query like '%pg_sleep%'
            and pid <> pg_backend_pid()`,
        );
        return rows.length > 0;
      });
      await server.kill();
      expect(await doomed).toBe('UNAVAILABLE');
      // A backend may answer once more before it sees that its server is gone.
      await until('reads to be refused', async () => (await faultCode(read())) === 'UNAVAILABLE');
      await until('writes to be refused', async () => (await faultCode(write())) === 'UNAVAILABLE');
      await server.restart();
      const again = await until('an answer', read);
      expect(again).toEqual([{ one: 1 }]);
      await client.close();
    } finally {
      await server.remove();
    }
  });

  test('[PG13] a wrong password and a database that is not there are UNAVAILABLE, and the message holds no address', async () => {
    const url = new URL(db.url);
    url.pathname = '/no_such_database';
    const client = connect(url.href);
    const error = await client.read(({ sql }) => sql`select 1`).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Fault);
    expect(JSON.stringify({ ...(error as Fault), message: (error as Fault).message })).not.toContain(
      url.host,
    );
    await client.close();
  });

  test('[PG14] settings under which a commit can be lost are named', async () => {
    const url = new URL(db.url);
    url.searchParams.set('synchronous_commit', 'off');
    const client = connect(url.href);
    expect(await durabilityProblems(client)).toContain('synchronous_commit is off: set it to on');
    await client.close();
  });
});
