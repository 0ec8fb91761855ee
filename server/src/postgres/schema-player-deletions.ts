/** Deletions of players: the part of the schema that forgets. */
import { sql } from 'drizzle-orm';
import { index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, whole } from './schema-columns.ts';

/** Deletions of players under way. A crash leaves the row, and any server goes on from there; every step may be done twice. */
export const playerDeletions = pgTable(
  'player_deletions',
  {
    id: id('id').primaryKey(),
    /** Who is deleted; null once it is done, for then nothing may tell. */
    target: id('target'),
    pseudonym: id('pseudonym'),
    requestedAt: whole('requested_at').notNull(),
    by: text('by').notNull(),
    /** Whoever works on it has it until then. */
    leasedUntil: whole('leased_until').notNull().default(0),
    /** When nothing named the player any more; looked at once more some time after it. */
    erasedAt: whole('erased_at'),
    finishedAt: whole('finished_at'),
  },
  (t) => [
    uniqueIndex('player_deletions_target').on(t.target),
    index('player_deletions_due').on(t.leasedUntil).where(sql`${t.finishedAt} is null`),
  ],
);
