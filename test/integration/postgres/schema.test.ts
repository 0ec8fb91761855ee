import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { migrate } from '../../../server/src/postgres/migrate.ts';
import { migrationsFolder } from '../../../server/src/postgres/migrations-folder.ts';
import { checkSchema } from '../../../server/src/postgres/schema-check.ts';
import { freshDatabase } from '../../support/services.ts';
import { connect } from './database.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function emptyDatabase(): Promise<string> {
  const database = await freshDatabase(inject('postgresUrl'));
  cleanups.push(() => database.drop());
  return database.url;
}

/** A copy of the migrations with one more at the end. */
function newerFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'photofinish-migrations-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  cpSync(migrationsFolder(), folder, { recursive: true });
  const path = join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(path, 'utf8'));
  const last = journal.entries.at(-1);
  journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1_000, tag: '9999_next_thing' });
  writeFileSync(path, JSON.stringify(journal));
  writeFileSync(join(folder, '9999_next_thing.sql'), 'CREATE TABLE next_thing (id int);');
  return folder;
}

async function check(url: string, folder?: string): Promise<string> {
  const client = connect(url);
  try {
    await checkSchema(client, folder);
    return 'fits';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.close();
  }
}

describe('schema', () => {
  test('[PG1] migrating names what it applied; a second time applies nothing', async () => {
    const url = await emptyDatabase();
    const { applied } = await migrate(url);
    expect(applied[0]).toMatch(/^0000_[a-z_]+$/);
    expect(await migrate(url)).toEqual({ applied: [] });
    expect(await check(url)).toBe('fits');
  });

  test('[PG2] four servers that migrate at once: one applies, the others wait and find nothing to do', async () => {
    const url = await emptyDatabase();
    const runs = await Promise.all(Array.from({ length: 4 }, () => migrate(url)));
    expect(runs.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
    expect(await check(url)).toBe('fits');
  });

  test('[PG3] a migration that fails leaves nothing of itself, and the schema as it was', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const folder = newerFolder();
    writeFileSync(
      join(folder, '9999_next_thing.sql'),
      'CREATE TABLE half (id int);\n--> statement-breakpoint\nSELECT 1 / 0;',
    );
    await expect(migrate(url, { folder })).rejects.toThrow('division by zero');
    const sql = postgres(url, { max: 1 });
    const [row] = await sql`select to_regclass('half') as half`;
    await sql.end();
    expect(row?.['half']).toBeNull();
    expect(await check(url)).toBe('fits');
  });

  test('[PG4] a schema that is behind is refused with the missing migrations, an empty one too', async () => {
    const url = await emptyDatabase();
    expect(await check(url)).toMatch(/behind this server: it lacks 0000_\w+.*npm run db:migrate/);
    await migrate(url);
    expect(await check(url, newerFolder())).toContain('it lacks 9999_next_thing');
  });

  test('[PG4] a schema that is ahead is refused by servers and by migrations', async () => {
    const url = await emptyDatabase();
    await migrate(url, { folder: newerFolder() });
    expect(await check(url)).toContain('the database is ahead of this server: it has 1 migration');
    await expect(migrate(url)).rejects.toThrow('Run the newer build');
  });

  test('[PG4] a migration whose wording changed after it was applied is refused by name', async () => {
    const url = await emptyDatabase();
    await migrate(url, { folder: newerFolder() });
    const other = newerFolder();
    writeFileSync(join(other, '9999_next_thing.sql'), 'CREATE TABLE another_thing (id int);');
    expect(await check(url, other)).toContain('another wording of 9999_next_thing');
  });

  test('[PG5] ids are of collation "C" everywhere, and the database refuses states and scores outside their range', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const sql = postgres(url, { max: 1 });
    cleanups.push(() => sql.end());
    const loose = await sql`
      select table_name, column_name from information_schema.columns
      where table_schema = 'public' and data_type = 'text' and collation_name is distinct from 'C'
        and column_name in ('id', 'season', 'board', 'player', 'match', 'match_key', 'settlement')`;
    expect([...loose]).toEqual([]);
    await sql`insert into boards (id, title, kind, sort_order, operator, rules) values ('b', 'B', 'match', 'desc', 'sum', '{}')`;
    await expect(
      sql`insert into seasons (id, board, number, state, started_at) values ('s', 'b', 1, 'paused', 0)`,
    ).rejects.toThrow('seasons_state');
    await sql`insert into seasons (id, board, number, state, started_at) values ('s', 'b', 1, 'open', 0)`;
    await expect(
      sql`insert into seasons (id, board, number, state, started_at) values ('t', 'b', 2, 'open', 0)`,
    ).rejects.toThrow('seasons_one_open');
    await sql`insert into players (id) values ('p')`;
    await expect(
      sql`insert into standings (season, player, score, achieved_at, finals, match_key) values ('s', 'p', 9007199254740992, 0, 1, '')`,
    ).rejects.toThrow('standings_score');
  });
});
