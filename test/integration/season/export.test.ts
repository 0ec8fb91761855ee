import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { columnsKeyOf } from '@photofinish/shared/domain/columns';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must } from '../../support/admin.ts';
import { until } from '../../support/condition.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { openWire } from '../../support/wire.ts';

let server: ServerProcess;
let sql: postgres.Sql;
beforeAll(async () => {
  server = await startServer();
  sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  expect(await server.stop()).toBe(0);
});

async function download(season: string, query: string) {
  const response = await fetch(`${server.url}/v1/admin/seasons/${season}/export?${query}`, {
    headers: { authorization: `Bearer ${await server.token('admin', 'studio')}` },
  });
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, body: body.toString(), bytes: body };
}

const sha256 = (body: Buffer | string) => createHash('sha256').update(body).digest('hex');
const openConnections = async (): Promise<number> => {
  const [row] = await sql`
    select count(*)::int as open from pg_stat_activity
    where application_name = 'photofinish-export' and datname = current_database()`;
  return row?.['open'] as number;
};

async function board(id: string, rules: object = {}): Promise<string> {
  await must(server, 'POST', '/v1/admin/boards', { id, title: id, flush: { intervalMs: 60_000 }, ...rules });
  return (await must(server, 'GET', `/v1/boards/${id}/seasons`)).seasons[0].id;
}

/** Rows that the flusher could have written. */
const fill = (season: string, count: number) => sql`
  insert into snapshot_entries (season, player, score, achieved_at, provisional, provisional_at, finals, match_key, match_ended, seqs, epoch, rev, updated_at)
  select ${season}, 'p' || lpad(n::text, 8, '0'), n, 1700000000000 + n, n, 1700000000000 + n, 0, '', false, '', 1, 1, 0
  from generate_series(1, ${count}::int) n`;

describe('exports', () => {
  it('[XP1] tell the bucket that each entry is in', async () => {
    const season = await board('grouped', { kind: 'open', buckets: { size: 2, by: 'arrival' } });
    const host = await openWire(server.url, await server.token('server', 'game'));
    for (const [i, player] of ['grouped-1', 'grouped-2', 'grouped-3'].entries())
      await host.ask({ type: 'tick', id: i + 1, board: 'grouped', player, score: 30 - i, seq: 1 });
    await must(server, 'POST', `/v1/admin/seasons/${season}/flush`);
    const { body } = await download(season, 'format=csv');
    expect(body.split('\n').map((line) => line.split(',').at(-1))).toEqual(['bucket', '1', '1', '2', '']);
    const rows = (await download(season, 'format=ndjson')).body.trim().split('\n');
    expect(rows.map((row) => JSON.parse(row).bucket)).toEqual(['1', '1', '2']);
    host.close();
  });

  it('[XP1, XP2, XP3] have each entry with its rank by the ranking of the board, columns and name, and the hash of what came', async () => {
    const season = await board('arena', {
      ranking: 'competition',
      columns: [{ id: 'deaths', sortOrder: 'asc' }],
    });
    const players = ['ada', '-bob', 'cy', 'gone'];
    const at = 1_700_000_000_000;
    for (const player of players) {
      const key = columnsKeyOf([{ id: 'deaths', sortOrder: 'asc' }], { deaths: player === 'cy' ? 2 : 1 });
      await sql`insert into players (id) values (${player})`;
      await sql`insert into standings (season, player, score, columns_key, achieved_at, finals, match_key)
        values (${season}, ${player}, 30, ${key}, ${at}, 1, '')`;
      await sql`insert into snapshot_entries (season, player, score, columns_key, achieved_at, confirmed, confirmed_at, finals, match_key, match_ended,
        seqs, epoch, rev, updated_at) values (${season}, ${player}, 30, ${key}, ${at}, 30, ${at}, 1, '', false, '', 1, 1, 0)`;
    }
    await sql`update players set name = '=HYPERLINK("x";"y")' where id = 'cy'`;
    await sql`update players set hidden = true where id = 'gone'`;
    const ndjson = await download(season, 'format=ndjson');
    expect(ndjson.status).toBe(200);
    const rows = ndjson.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ rank, player, score, columns }) => [rank, player, score, columns.deaths])).toEqual([
      [1, '-bob', 30, 1],
      [1, 'ada', 30, 1],
      [3, 'cy', 30, 2],
    ]);
    expect(rows[2]).toMatchObject({ name: '=HYPERLINK("x";"y")', achievedAt: at });
    const csv = await download(season, 'format=csv&from=finals');
    expect(csv.body).toBe(
      `rank,player,name,score,columns.deaths,achievedAt\n1,'-bob,,30,1,${at}\n1,ada,,30,1,${at}\n3,cy,"'=HYPERLINK(""x"";""y"")",30,2,${at}\n`,
    );
    for (const { bytes, headers } of [ndjson, csv]) {
      expect(headers.get('content-length')).toBe(String(bytes.length));
      expect(headers.get('photofinish-rows')).toBe('3');
      expect(headers.get('photofinish-sha256')).toBe(sha256(bytes));
      expect(headers.get('repr-digest')).toBe(
        `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`,
      );
    }
    expect(csv.headers.get('content-disposition')).toContain('arena-1.csv');
  });

  it('[XP1] name a settlement where there is one, and refuse a source that the season has not', async () => {
    const season = await board('prized');
    const host = await openWire(server.url, await server.token('server', 'host'));
    const { match } = await host.ok({ type: 'match.start', board: 'prized' });
    await host.ok({ type: 'match.end', match, finals: [{ player: 'ada', score: 5 }] });
    expect(await download(season, 'from=settled')).toMatchObject({ status: 400 });
    await must(server, 'PUT', `/v1/admin/seasons/${season}/settlement`);
    expect(JSON.parse((await download(season, '')).body)).toMatchObject({ rank: 1, player: 'ada', score: 5 });
    const open = await board('likes', { kind: 'open' });
    expect(await call(server, 'GET', `/v1/admin/seasons/${open}/export?from=finals`)).toMatchObject({
      ...{ status: 400, body: { field: 'from' } },
    });
    expect((await download('nothing', '')).status).toBe(404);
    expect((await download(open, '')).bytes).toHaveLength(0);
  });

  it('[XP4] show one moment, whatever is written while they are read', async () => {
    const season = await board('busy', { kind: 'open' });
    await fill(season, 60_000);
    const response = await fetch(`${server.url}/v1/admin/seasons/${season}/export`, {
      headers: { authorization: `Bearer ${await server.token('admin', 'studio')}` },
    });
    await sql`update snapshot_entries set score = -score where season = ${season}`;
    await sql`delete from snapshot_entries where season = ${season} and player < 'p00010000'`;
    const body = Buffer.from(await response.arrayBuffer());
    expect(sha256(body)).toBe(response.headers.get('photofinish-sha256'));
    const rows = body.toString().trimEnd().split('\n');
    expect(rows).toHaveLength(60_000);
    expect(JSON.parse(rows[0] ?? '')).toMatchObject({ rank: 1, score: 60_000 });
  });

  it('[XP5] are few at once, and a download that is broken off gives its place and its connection back', async () => {
    const season = await board('large', { kind: 'open' });
    await fill(season, 200_000);
    const headers = { authorization: `Bearer ${await server.token('admin', 'studio')}` };
    const url = `${server.url}/v1/admin/seasons/${season}/export`;
    const aborts = [new AbortController(), new AbortController()];
    const held = await Promise.all(aborts.map(({ signal }) => fetch(url, { headers, signal })));
    expect(held.map(({ status }) => status)).toEqual([200, 200]);
    expect(await openConnections()).toBe(2);
    expect(await call(server, 'GET', `/v1/admin/seasons/${season}/export`)).toMatchObject({
      ...{ status: 503, body: { code: 'OVERLOADED', retryAfterMs: expect.any(Number) } },
    });
    for (const abort of aborts) abort.abort();
    await until('the connections are gone', async () => (await openConnections()) === 0);
    expect((await fetch(url, { headers, method: 'HEAD' })).headers.get('photofinish-rows')).toBe('200000');
    expect((await download(season, 'format=csv')).bytes.length).toBeGreaterThan(1_000_000);
    await until('nothing is held', async () => (await openConnections()) === 0);
  });

  it('[XP6] are written by a command too, whole or not at all, with the same hash', async () => {
    const season = await board('filed', { kind: 'open' });
    await fill(season, 5_000);
    const folder = await mkdtemp(join(tmpdir(), 'photofinish-export-'));
    try {
      const out = join(folder, 'season.csv');
      const run = (...args: string[]) =>
        promisify(execFile)(
          process.execPath,
          ['--conditions=source', '--import', 'tsx', 'server/src/export.ts', ...args],
          {
            env: {
              PATH: process.env['PATH'],
              DATABASE_URL: server.databaseUrl,
              REDIS_URL: server.redisUrl,
            },
          },
        );
      const { stdout } = await run('--season', season, '--out', out, '--format', 'csv');
      const written = await readFile(out);
      expect(stdout).toContain(sha256(written));
      expect(stdout).toContain('5000 rows');
      expect(written.equals((await download(season, 'format=csv')).bytes)).toBe(true);
      await expect(run('--season', 'nothing', '--out', join(folder, 'x'))).rejects.toMatchObject({
        ...{ code: 1, stderr: expect.stringContaining('--season: there is no season nothing') },
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
