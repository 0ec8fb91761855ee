/** Applies the migrations that a database lacks. Safe to run twice, and from several servers at once. */
import { migrate as drizzleMigrate } from 'drizzle-orm/postgres-js/migrator';
import { Connection } from './connection.ts';
import { rootOf } from './faults.ts';
import { carriedMigrations, schemaState } from './migrations.ts';
import { migrationsFolder } from './migrations-folder.ts';

/** Any constant, as long as every version of this program uses the same. */
const LOCK = 5_021_977_341;
/** How long another migration may take before this one gives up waiting for it. */
const LOCK_TIMEOUT_MS = 120_000;

export interface MigrateOptions {
  /** Where the SQL files are; the project's own `drizzle/` unless named. */
  folder?: string;
}

/** @returns the names of the migrations applied now, in order; none when the schema is up to date
 *  @throws when the database is ahead of this build, or a migration fails: then none of them was applied */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<{ applied: string[] }> {
  const folder = options.folder ?? migrationsFolder();
  const connect = (name: string) =>
    new Connection({ url, name, statementTimeoutMs: 0, connectTimeoutMs: 10_000 });
  // Drizzle takes no lock. It is taken on a connection of its own, so that it outlasts every transaction of the migrator and ends
  // with this process whatever happens to it.
  const lock = connect('photofinish-migrate-lock');
  const work = connect('photofinish-migrate');
  try {
    for (const connection of [lock, work])
      await connection.sql.unsafe('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0');
    await lock.sql.unsafe(`set lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await lock.sql.unsafe('begin');
    await lock.sql`select pg_advisory_xact_lock(${LOCK})`;
    const before = await schemaState(work.sql, folder);
    refuseAhead(before.unknown.length, carriedMigrations(folder).at(-1)?.name);
    if (before.missing.length > 0) await drizzleMigrate(work.db, { migrationsFolder: folder });
    const after = await schemaState(work.sql, folder);
    if (after.missing.length > 0)
      throw new Error(
        `not applied, because it is older than the newest applied migration: ${after.missing.map(({ name }) => name).join(', ')}; generate it again`,
      );
    await lock.sql.unsafe('commit');
    return { applied: before.missing.map(({ name }) => name) };
  } catch (error) {
    throw rootOf(error);
  } finally {
    await Promise.all([work.end(), lock.end()]);
  }
}

function refuseAhead(unknown: number, newest: string | undefined): void {
  if (unknown > 0)
    throw new Error(
      `the database has ${unknown} migration(s) that this build does not know; its newest is ${newest}. Run the newer build.`,
    );
}
