/** The table of flags: a part of the schema, beside schema.ts. */
import { sql } from 'drizzle-orm';
import { bigserial, check, index, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import type { FlagKind, FlagStatus } from '../board/flag-store.ts';
import { seasons } from './schema.ts';
import { id, whole } from './schema-columns.ts';

/** What looks like cheating, and what an admin decided about it. */
export const flags = pgTable(
  'flags',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    kind: text('kind').$type<FlagKind>().notNull(),
    board: id('board').notNull(),
    season: id('season')
      .notNull()
      .references(() => seasons.id),
    match: id('match').notNull(),
    player: id('player').notNull(),
    detail: jsonb('detail').$type<Record<string, number | string>>().notNull(),
    at: whole('at').notNull(),
    status: text('status').$type<FlagStatus>().notNull().default('open'),
    decidedAt: whole('decided_at'),
    decidedBy: text('decided_by'),
  },
  (t) => [
    unique('flags_once').on(t.season, t.match, t.player, t.kind),
    index('flags_open').on(t.season, t.player).where(sql`${t.status} = 'open'`),
    index('flags_board').on(t.board, t.id),
    check('flags_status', sql`${t.status} in ('open', 'cleared', 'confirmed')`),
  ],
);
