/** Kinds of columns that the tables share. */
import { sql } from 'drizzle-orm';
import { type AnyPgColumn, bigint, check, customType } from 'drizzle-orm/pg-core';

export const id = customType<{ data: string; driverData: string }>({ dataType: () => 'text COLLATE "C"' });
/** A run's columns (shared/domain/columns.ts): sorted by bytes, '' on boards without. */
export const columnsKey = (name: string) => id(name).notNull().default('');
export const whole = (name: string) => bigint(name, { mode: 'number' });
export const DATABASE_NOW = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** A number past 2^53 - 1 would be read back as another number. */
export const isSafe = (name: string, column: AnyPgColumn) =>
  check(name, sql`${column} between -9007199254740991 and 9007199254740991`);
