/** Every table that names a player, found in the schema: one that is added later is exported and pseudonymised with the rest. */
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import * as schema from './schema.ts';

export interface PlayerTable {
  name: string;
  columns: readonly string[];
  /** The other columns of its key, where the player is in it: two rows that agree in them cannot have one player. */
  keyBeside: readonly string[] | undefined;
}

export const PLAYER_TABLES: readonly PlayerTable[] = Object.values(schema)
  .filter((table): table is PgTable & typeof table => is(table, PgTable))
  .map((table) => getTableConfig(table))
  .filter(({ columns }) => columns.some(({ name }) => name === 'player'))
  .map(({ name, columns, primaryKeys }) => {
    const key = (primaryKeys[0]?.columns ?? []).map((column) => column.name);
    return {
      name,
      columns: columns.map((column) => column.name),
      keyBeside: key.includes('player') ? key.filter((column) => column !== 'player') : undefined,
    };
  })
  .sort((a, b) => (a.name < b.name ? -1 : 1));
