/** Every table that names a player, found in the schema: one that is added later is exported and pseudonymised with the rest. */
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import * as schema from './schema.ts';
import * as flags from './schema-flags.ts';

export interface PlayerTable {
  name: string;
  columns: readonly string[];
  /** Of each key that the player is in, the other columns: two rows that agree in them cannot have one player. */
  keysBeside: readonly (readonly string[])[];
}

export const PLAYER_TABLES: readonly PlayerTable[] = Object.values({ ...schema, ...flags })
  .filter((table): table is PgTable & typeof table => is(table, PgTable))
  .map((table) => getTableConfig(table))
  .filter(({ columns }) => columns.some(({ name }) => name === 'player'))
  .map(({ name, columns, primaryKeys, uniqueConstraints }) => ({
    name,
    columns: columns.map((column) => column.name),
    keysBeside: [...primaryKeys, ...uniqueConstraints]
      .map((key) => key.columns.map((column) => column.name))
      .filter((key) => key.includes('player'))
      .map((key) => key.filter((column) => column !== 'player')),
  }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
