/** What must hold of the database before a server may start on it. */
import type { Postgres } from './connections.ts';
import { schemaState } from './migrations.ts';
import { migrationsFolder } from './migrations-folder.ts';

/** @throws naming the migrations, when the schema is behind this build, ahead of it, or another one under the same name */
export async function checkSchema(postgres: Postgres, folder = migrationsFolder()): Promise<void> {
  const { missing, unknown, altered, applied } = await postgres.read(({ sql }) => schemaState(sql, folder));
  const names = (migrations: readonly { name: string }[]) => migrations.map(({ name }) => name).join(', ');
  if (unknown.length > 0) {
    const newest = new Date(Math.max(...unknown.map(({ generatedAt }) => generatedAt))).toISOString();
    throw new Error(
      `the database is ahead of this server: it has ${unknown.length} migration(s) that this build does not know, the newest of ${newest}; ` +
        `the last one known here is ${applied.at(-1)?.name ?? 'none'}. Start the newer build.`,
    );
  }
  if (missing.length > 0)
    throw new Error(
      `the database is behind this server: it lacks ${names(missing)}. Run npm run db:migrate, then start again.`,
    );
  if (altered.length > 0)
    throw new Error(
      `the database was migrated by another wording of ${names(altered)}: a migration must not change once it is applied. Add a new one instead.`,
    );
}

/** Settings under which a committed transaction can be lost, so that `database` acks would promise too much. Empty when all is well. */
export async function durabilityProblems(postgres: Postgres): Promise<string[]> {
  return postgres.read(async ({ sql }) => {
    const rows = await sql<{ name: string; setting: string }[]>`
      select name, setting from pg_settings
      where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name`;
    return rows.map((row) => `${row.name} is ${row.setting}: set it to on`);
  });
}
