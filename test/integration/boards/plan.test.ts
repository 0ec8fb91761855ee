/** boards.json as a declaration: planned, applied at start and by command, once, and never taking a board away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { migrate } from '../../../server/src/postgres/migrate.ts';
import { call, must } from '../../support/admin.ts';
import { startServer } from '../../support/server.ts';
import { type FreshDatabase, freshDatabase } from '../../support/services.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'boards-'));
const FILE = join(folder, 'boards.json');
let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase(inject('postgresUrl'));
  await migrate(database.url);
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const declare = (boards: object[]) => writeFileSync(FILE, JSON.stringify(boards));

const command = (...args: string[]) => run(['--file', FILE, ...args]);

async function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', 'server/src/boards.ts', ...args],
    {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'] ?? '',
        DATABASE_URL: database.url,
        REDIS_URL: inject('redisUrl'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
  const [code] = await once(child, 'close');
  return { code, out };
}

async function audited(): Promise<[string, string, string][]> {
  const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
  try {
    const rows = await sql`select target, action, by from audit_log where action like 'board.%' order by id`;
    return rows.map((row) => [row['target'], row['action'], row['by']]);
  } finally {
    await sql.end();
  }
}

describe('the boards file', () => {
  test('[BO7] is planned without a change, applied, and then as it says', async () => {
    declare([
      { id: 'arena', title: 'Arena' },
      { id: 'likes', title: 'Likes', kind: 'open', operator: 'sum' },
    ]);
    const plan = await command('--plan');
    expect(plan).toMatchObject({ code: 0, out: expect.stringContaining('+ arena: made') });
    expect(await audited()).toEqual([]);
    expect((await command('--apply')).code).toBe(0);
    const again = await command('--plan', '--json');
    expect(JSON.parse(again.out)).toEqual({
      file: FILE,
      applied: false,
      boards: [
        { board: 'arena', kind: 'unchanged' },
        { board: 'likes', kind: 'unchanged' },
      ],
    });
  });

  test('[BO7] changes what it names, leaves what it does not, and refuses by name what cannot be', async () => {
    declare([
      { id: 'arena', title: 'Arena II', finals: { graceSeconds: 5 } },
      { id: 'likes', title: 'Likes', kind: 'open', operator: 'best' },
    ]);
    const plan = await command('--plan');
    expect(plan.code).toBe(1);
    expect(plan.out).toContain('finals.graceSeconds: 60 -> 5');
    expect(plan.out).toContain('! likes: refused');
    expect(plan.out).toContain('operator: cannot change once the board is made');
    const applied = JSON.parse((await command('--apply', '--json')).out);
    expect(applied.boards).toEqual([
      {
        board: 'arena',
        kind: 'update',
        changed: { title: { from: 'Arena', to: 'Arena II' }, 'finals.graceSeconds': { from: 60, to: 5 } },
      },
      expect.objectContaining({ board: 'likes', kind: 'refused', code: 'INVALID_REQUEST' }),
    ]);
    declare([{ id: 'arena', title: 'Arena II' }]);
    const left = JSON.parse((await command('--plan', '--json')).out);
    expect(left.boards).toEqual([
      { board: 'arena', kind: 'unchanged' },
      { board: 'likes', kind: 'unnamed', archived: false },
    ]);
  });

  test('[BO7] is the one that servers are told of, where the command is told of none', async () => {
    declare([{ id: 'arena', title: 'Arena II' }]);
    const { code, out } = await run(['--plan'], { BOARDS_FILE: FILE });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('= arena: as the file says') });
    expect(out).toContain(`Plan of ${FILE}, nothing is changed yet: 0 to make`);
  });

  test('[BO7] that says a board twice, or is no list of boards, is refused whole', async () => {
    declare([
      { id: 'twice', title: 'A' },
      { id: 'twice', title: 'B' },
    ]);
    expect(await command('--plan')).toMatchObject({
      code: 2,
      out: expect.stringContaining('twice.id: twice is declared twice'),
    });
    declare([{ id: 'bad id', title: '' }]);
    expect(await command('--apply')).toMatchObject({ code: 2, out: expect.stringContaining('2 problem(s)') });
    expect(await command('--plan', '--apply')).toMatchObject({
      code: 2,
      out: expect.stringContaining('usage:'),
    });
  });

  test('[BO8] is applied once by two servers that start at once, and keeps no server from starting', async () => {
    declare([
      { id: 'arena', title: 'Arena III', scoreMax: 500 },
      { id: 'likes', title: 'Likes', kind: 'open', sortOrder: 'asc' },
      { id: 'fresh', title: 'Fresh' },
    ]);
    const before = (await audited()).length;
    const servers = await Promise.all(
      [0, 1].map(() => startServer({ databaseUrl: database.url, env: { BOARDS_FILE: FILE } })),
    );
    const [one] = servers;
    if (!one) throw new Error('no server');
    expect((await audited()).slice(before).sort()).toEqual([
      ['arena', 'board.update', 'system'],
      ['fresh', 'board.create', 'system'],
    ]);
    expect(await must(one, 'GET', '/v1/boards/arena')).toMatchObject({ title: 'Arena III', scoreMax: 500 });
    expect((await call(one, 'GET', '/v1/boards/likes')).body).toMatchObject({
      sortOrder: 'desc',
      version: 1,
    });
    expect((await must(one, 'GET', '/v1/boards/fresh/seasons')).seasons).toHaveLength(1);
    expect(one.logs()).toContain('boards file asks for what cannot be');
    for (const server of servers) await server.stop();
  });
});
