/** Finals that were committed and that Redis is not known to have. */
import { index, pgTable, text } from 'drizzle-orm/pg-core';
import { id, whole } from './schema-columns.ts';

/** One row for all finals of a transaction, written in it and taken away once Redis has them. A mark on each final instead would write every
 *  final, and its key, a second time (`finals.rate`). Place n of the three lists names final n. */
export const pendingFinals = pgTable(
  'pending_finals',
  {
    id: id('id').primaryKey(),
    /** When the last of them was accepted. */
    at: whole('at').notNull(),
    seasons: text('seasons').array().notNull(),
    matches: text('matches').array().notNull(),
    players: text('players').array().notNull(),
  },
  (t) => [index('pending_finals_at').on(t.at)],
);
