/** Which migrations this build carries, and which a database has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { Sql } from './connection.ts';
import { sqlStateOf } from './faults.ts';

export interface Migration {
  /** File name without `.sql`: `0000_first_tables`. */
  name: string;
  /** Milliseconds when it was generated; what Drizzle orders migrations by. */
  generatedAt: number;
  sha256: string;
}

export interface SchemaState {
  applied: Migration[];
  /** Carried, not applied: the database is behind. */
  missing: Migration[];
  /** Applied, not carried: the database is ahead. Their names are not recorded, only when they were generated. */
  unknown: { generatedAt: number }[];
  /** Applied in another wording than this build carries. */
  altered: Migration[];
}

export function carriedMigrations(folder: string): Migration[] {
  const journal: unknown = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8'));
  const { entries } = journal as { entries: { tag: string }[] };
  return readMigrationFiles({ migrationsFolder: folder }).map((file, i) => ({
    name: entries[i]?.tag ?? `migration ${i}`,
    generatedAt: file.folderMillis,
    sha256: file.hash,
  }));
}

export async function schemaState(sql: Sql, folder: string): Promise<SchemaState> {
  const carried = carriedMigrations(folder);
  const recorded = await recordedMigrations(sql);
  const hashOf = new Map(recorded.map((row) => [row.generatedAt, row.sha256]));
  const known = new Set(carried.map((migration) => migration.generatedAt));
  const applied = carried.filter((migration) => hashOf.has(migration.generatedAt));
  return {
    applied,
    missing: carried.filter((migration) => !hashOf.has(migration.generatedAt)),
    unknown: recorded.filter((row) => !known.has(row.generatedAt)),
    altered: applied.filter((migration) => hashOf.get(migration.generatedAt) !== migration.sha256),
  };
}

async function recordedMigrations(sql: Sql): Promise<{ generatedAt: number; sha256: string }[]> {
  try {
    const rows = await sql<{ hash: string; created_at: number }[]>`
      select hash, created_at from drizzle.__drizzle_migrations order by created_at`;
    return rows.map((row) => ({ generatedAt: row.created_at, sha256: row.hash }));
  } catch (error) {
    if (sqlStateOf(error) === '42P01' || sqlStateOf(error) === '3F000') return [];
    throw error;
  }
}
