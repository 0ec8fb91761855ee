import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import { describe, expect, test } from 'vitest';
import { carriedMigrations } from '../../../server/src/postgres/migrations.ts';
import { migrationsFolder } from '../../../server/src/postgres/migrations-folder.ts';
import * as tables from '../../../server/src/postgres/schema.ts';
import * as flags from '../../../server/src/postgres/schema-flags.ts';
import * as pending from '../../../server/src/postgres/schema-pending-finals.ts';
import * as deletions from '../../../server/src/postgres/schema-player-deletions.ts';

const schema = { ...tables, ...flags, ...pending, ...deletions };

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('migrations', () => {
  test('[PG16] the migrations in drizzle/ lead to exactly the schema in the source', async () => {
    const meta = join(migrationsFolder(), 'meta');
    const newest = readdirSync(meta)
      .filter((name) => name.endsWith('_snapshot.json'))
      .sort()
      .at(-1);
    const before = JSON.parse(readFileSync(join(meta, newest ?? ''), 'utf8'));
    const now = generateDrizzleJson(schema, before.id);
    expect(await generateMigration(before, now)).toEqual([]);
  });

  test('[PG16] every migration has a name of its own and its SQL file', () => {
    const migrations = carriedMigrations(migrationsFolder());
    expect(migrations.length).toBeGreaterThan(0);
    for (const [i, { name }] of migrations.entries()) {
      expect(name).toMatch(new RegExp(`^${String(i).padStart(4, '0')}_[a-z][a-z0-9_]+$`));
      expect(existsSync(join(migrationsFolder(), `${name}.sql`))).toBe(true);
    }
    expect(migrationsFolder()).toBe(join(root, 'drizzle'));
  });

  test('[PG16] generating one without a name, or with a bad one, is refused with an example', () => {
    for (const args of [[], ['Bad-Name'], ['two', 'names']]) {
      const script = join(root, 'server/src/postgres/generate-command.ts');
      const run = spawnSync(process.execPath, ['--import', 'tsx', script, ...args], {
        cwd: root,
        encoding: 'utf8',
      });
      expect(run.status).toBe(1);
      expect(run.stderr).toContain('npm run db:generate -- add_award_deliveries');
    }
  });
});
