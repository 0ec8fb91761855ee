import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { seasonKeys } from '../../../server/src/redis/keys.ts';
import { flush, flushedSeason, reconcile, type TwoSides, twoSides } from './two-sides.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

let sides: TwoSides;
beforeAll(async () => {
  sides = await twoSides();
});
afterAll(() => sides.close());

interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

async function audit(args: string[], env: Record<string, string> = {}): Promise<Run> {
  const stores = { DATABASE_URL: sides.db.url, REDIS_URL: inject('redisUrl') };
  try {
    const done = await promisify(execFile)(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', 'server/src/audit.ts', ...args],
      { cwd: ROOT, env: { PATH: process.env['PATH'] ?? '', ...stores, ...env }, timeout: 30_000 },
    );
    return { code: 0, ...done };
  } catch (error) {
    return error as Run;
  }
}

test('[RK10] the audit prints what differs and exits 1, repairs when asked, and exits 0 when nothing differs', async () => {
  const season = await flushedSeason(sides, 40);
  const clean = await audit(['--season', season.id]);
  expect(clean).toMatchObject({ code: 0, stderr: '' });
  expect(clean.stdout).toMatch(/drifted +0/);

  await sides.db.sql`delete from snapshot_entries where season = ${season.id} and player = 'p3'`;
  await sides.ports.redis.hdel(seasonKeys(season).entries, 'p4');
  const drifted = await audit(['--season', season.id]);
  expect(drifted.code).toBe(1);
  for (const line of [/drifted +3/, /p3 +row-missing/, /p4 +entry-missing/, /repaired +0/])
    expect(drifted.stdout).toMatch(line);

  const repaired = await audit(['--season', season.id, '--json', '--repair']);
  expect(repaired.code).toBe(1);
  expect(JSON.parse(repaired.stdout)).toMatchObject({
    ...{ kind: 'compared', season: season.id, state: 'open', drifted: 3, entries: 39, leftOut: 0 },
    counts: { 'row-missing': 1, 'entry-missing': 1, stray: 1 },
  });
  await flush(sides, season);
  expect(await reconcile(sides, season, { repair: false })).toMatchObject({ drifted: 0, rows: 40 });
  expect(await audit(['--season', season.id])).toMatchObject({ code: 0 });
});

test('[RK10] a season that is not in Redis has nothing to compare; wrong arguments and stores are told, without an address', async () => {
  const season = await flushedSeason(sides, 2);
  await sides.ports.redis.del(...Object.values(seasonKeys(season)));
  expect(await audit(['--season', season.id])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('not in Redis'),
  });
  expect(await audit([])).toMatchObject({ code: 2, stderr: expect.stringContaining('--season: missing') });
  expect(await audit(['--season', 'none'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no season none'),
  });
  expect(await audit(['--season', 'x', '--fast'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--fast'),
  });
  const lost = await audit(['--season', 'x'], { DATABASE_URL: 'postgres://me:geheim@127.0.0.1:1/none' });
  expect(lost.code).toBe(2);
  expect(lost.stderr).not.toContain('geheim');
  expect(await audit(['--season', 'x'], { REDIS_URL: '' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('REDIS_URL'),
  });
});
