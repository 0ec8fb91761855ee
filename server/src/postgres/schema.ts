/** The database of record. Every key starts with the season, so that tables can be partitioned by it.
 *
 *  Times are bigint milliseconds since the Unix epoch, as in the domain: no time zone, no rounding, and equal in SQL, Redis and
 *  TypeScript. Ids are `text COLLATE "C"`: byte order, which is the order of Redis and of `compareEntries`.
 *  Imports types alone from other workspaces, because drizzle-kit loads this file by itself. */
import type { BoardInput } from '@photofinish/shared/domain/board';
import type { Operator } from '@photofinish/shared/domain/entry';
import type { MatchRules } from '@photofinish/shared/domain/match-rules';
import type { SortOrder } from '@photofinish/shared/domain/order';
import type { Ranking } from '@photofinish/shared/domain/rank';
import type { SeasonEventType, SeasonState } from '@photofinish/shared/domain/season';
import { sql } from 'drizzle-orm';
import {
  bigserial,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { columnsKey, DATABASE_NOW, id, isSafe, whole } from './schema-columns.ts';

export const boards = pgTable(
  'boards',
  {
    id: id('id').primaryKey(),
    title: text('title').notNull(),
    kind: text('kind').$type<'open' | 'match'>().notNull(),
    sortOrder: text('sort_order').$type<SortOrder>().notNull(),
    operator: text('operator').$type<Operator>().notNull(),
    /** The whole board as `boardSchema` read it; the columns above repeat what queries need. */
    rules: jsonb('rules').$type<BoardInput>().notNull(),
    /** When a season of it ends or begins next; null when that is left to an admin. */
    boundaryAt: whole('boundary_at'),
    /** Grows with every change of the rules or of `archivedAt`: who changes a board names the one that was seen. */
    version: integer('version').notNull().default(1),
    createdAt: whole('created_at').notNull().default(DATABASE_NOW),
    updatedAt: whole('updated_at').notNull().default(DATABASE_NOW),
    /** No season of it opens any more; null while it is in use. */
    archivedAt: whole('archived_at'),
  },
  (t) => [
    index('boards_boundary').on(t.boundaryAt).where(sql`${t.boundaryAt} is not null`),
    check('boards_kind', sql`${t.kind} in ('open', 'match')`),
    check('boards_sort_order', sql`${t.sortOrder} in ('desc', 'asc')`),
    check('boards_operator', sql`${t.operator} in ('best', 'latest', 'sum')`),
  ],
);

export const seasons = pgTable(
  'seasons',
  {
    id: id('id').primaryKey(),
    board: id('board')
      .notNull()
      .references(() => boards.id),
    number: integer('number').notNull(),
    state: text('state').$type<SeasonState>().notNull(),
    /** Which life in Redis the season is in. Flushes of an older one are refused. */
    epoch: whole('epoch').notNull().default(1),
    /** When it opened; of an upcoming one, when it is to open. */
    startedAt: whole('started_at').notNull(),
    /** When it is to end, or was; null when an admin decides. */
    endsAt: whole('ends_at'),
    closingAt: whole('closing_at'),
    closedAt: whole('closed_at'),
    /** From when on nothing changes what it shows. */
    frozenAt: whole('frozen_at'),
    ranking: text('ranking').$type<Ranking>(),
  },
  (t) => [
    unique('seasons_board_number').on(t.board, t.number),
    uniqueIndex('seasons_one_open').on(t.board).where(sql`${t.state} = 'open'`),
    uniqueIndex('seasons_one_upcoming').on(t.board).where(sql`${t.state} = 'upcoming'`),
    index('seasons_live').on(t.board).where(sql`${t.state} in ('open', 'closing')`),
    index('seasons_closed').on(t.closedAt),
    check('seasons_state', sql`${t.state} in ('upcoming', 'open', 'closing', 'closed', 'settled')`),
    check('seasons_number', sql`${t.number} >= 1`),
    check('seasons_epoch', sql`${t.epoch} >= 1`),
  ],
);

/** What happened to seasons, for the receiver of events: an outbox. A row is written with the change itself, and its id is made of the
 *  season and the type, so that each happens once however many servers see it. */
export const seasonEvents = pgTable(
  'season_events',
  {
    id: id('id').primaryKey(),
    season: id('season')
      .notNull()
      .references(() => seasons.id),
    type: text('type').$type<SeasonEventType>().notNull(),
    at: whole('at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** When it is sent next; null when it was delivered or given up. */
    nextAttemptAt: whole('next_attempt_at'),
    deliveredAt: whole('delivered_at'),
    problem: text('problem'),
  },
  (t) => [
    index('season_events_due').on(t.nextAttemptAt).where(sql`${t.nextAttemptAt} is not null`),
    index('season_events_undelivered').on(t.at).where(sql`${t.deliveredAt} is null`),
    check('season_events_type', sql`${t.type} in ('season.started', 'season.ended', 'season.closed')`),
  ],
);

/** How far the flusher has committed. Apart from `seasons`, whose row finals and flushes hold FOR SHARE: an update there would wait for them. */
export const watermarks = pgTable('watermarks', {
  season: id('season')
    .primaryKey()
    .references(() => seasons.id),
  epoch: whole('epoch').notNull(),
  version: whole('version').notNull(),
  at: whole('at').notNull(),
});

export const matches = pgTable(
  'matches',
  {
    id: id('id').primaryKey(),
    season: id('season')
      .notNull()
      .references(() => seasons.id),
    board: id('board')
      .notNull()
      .references(() => boards.id),
    startedAt: whole('started_at').notNull(),
    endedAt: whole('ended_at'),
    /** Those of its board when it started. */
    limits: jsonb('limits').$type<MatchRules>().notNull().default({}),
    /** Nobody may join but those who were there from the start. */
    rostered: boolean('rostered').notNull().default(false),
    /** When it is abandoned unless it is played; null: never. */
    dueAt: whole('due_at'),
    /** When it was abandoned; `ended_at` is the same then. */
    abandonedAt: whole('abandoned_at'),
    /** When a server last took its scores out of Redis, and when that was known to be done for good. */
    dropTriedAt: whole('drop_tried_at'),
    droppedAt: whole('dropped_at'),
  },
  (t) => [
    index('matches_season').on(t.season, t.startedAt),
    index('matches_due').on(t.dueAt).where(sql`${t.endedAt} is null`),
    index('matches_owed')
      .on(t.abandonedAt)
      .where(sql`${t.abandonedAt} is not null and ${t.droppedAt} is null`),
  ],
);

/** Who plays a match that has limits or a roster: written before the first tick or final of each is taken. */
export const matchPlayers = pgTable(
  'match_players',
  {
    season: id('season').notNull(),
    match: id('match')
      .notNull()
      .references(() => matches.id),
    player: id('player').notNull(),
    joinedAt: whole('joined_at').notNull(),
  },
  (t) => [primaryKey({ name: 'match_players_pkey', columns: [t.season, t.match, t.player] })],
);

/** Every id that has a final or a name, or was ever hidden. A hidden player keeps the scores and takes no place on any board. */
export const players = pgTable(
  'players',
  {
    id: id('id').primaryKey(),
    hidden: boolean('hidden').notNull().default(false),
    /** For display; null: none was given. */
    name: text('name'),
    nameAt: whole('name_at'),
    /** This id stands in place of a player who was deleted then. */
    deletedAt: whole('deleted_at'),
    createdAt: whole('created_at').notNull().default(DATABASE_NOW),
  },
  (t) => [index('players_hidden').on(t.id).where(sql`${t.hidden}`)],
);

/** Who takes no place on one board. */
export const hiddenPlayers = pgTable(
  'hidden_players',
  {
    board: id('board')
      .notNull()
      .references(() => boards.id),
    player: id('player')
      .notNull()
      .references(() => players.id),
    at: whole('at').notNull().default(DATABASE_NOW),
    by: text('by').notNull(),
  },
  (t) => [
    primaryKey({ name: 'hidden_players_pkey', columns: [t.board, t.player] }),
    index('hidden_players_player').on(t.player),
  ],
);

/** How often players were hidden or shown again: on one board, and under '' on all. What Redis was told of is compared with it. */
export const hidingVersions = pgTable('hiding_versions', {
  board: id('board').primaryKey(),
  version: whole('version').notNull(),
});

/** The flusher's copy of live entries. No index on score and a low fill factor (see the migration) keep its updates HOT: an index
 *  on a changing column would be written with every flush. No foreign keys: the flush holds the season's row and inserts the
 *  players in the same transaction, and two triggers per new row would only prove that again. */
export const snapshotEntries = pgTable(
  'snapshot_entries',
  {
    season: id('season').notNull(),
    player: id('player').notNull(),
    score: whole('score').notNull(),
    achievedAt: whole('achieved_at').notNull(),
    confirmed: whole('confirmed'),
    confirmedAt: whole('confirmed_at'),
    /** How many finals `confirmed` is made of. */
    finals: integer('finals').notNull(),
    provisional: whole('provisional'),
    provisionalAt: whole('provisional_at'),
    matchKey: id('match_key').notNull(),
    matchEnded: boolean('match_ended').notNull(),
    seqs: text('seqs').notNull(),
    epoch: whole('epoch').notNull(),
    rev: whole('rev').notNull(),
    updatedAt: whole('updated_at').notNull(),
    columnsKey: columnsKey('columns_key'),
    confirmedColumnsKey: columnsKey('confirmed_columns_key'),
    provisionalColumnsKey: columnsKey('provisional_columns_key'),
    /** JSON text as it was sent: compared with Redis byte by byte, which jsonb would not keep. */
    metadata: text('metadata'),
    confirmedMetadata: text('confirmed_metadata'),
    provisionalMetadata: text('provisional_metadata'),
    bucket: id('bucket'),
  },
  (t) => [
    primaryKey({ name: 'snapshot_entries_pkey', columns: [t.season, t.player] }),
    isSafe('snapshot_entries_score', t.score),
    isSafe('snapshot_entries_confirmed', t.confirmed),
    isSafe('snapshot_entries_provisional', t.provisional),
  ],
);

/** Entries that the snapshot refused for what they hold, kept whole until they are written or an admin gives them up. */
export const flushFailures = pgTable(
  'flush_failures',
  {
    season: id('season')
      .notNull()
      .references(() => seasons.id),
    player: id('player').notNull(),
    record: jsonb('record').$type<Record<string, unknown>>().notNull(),
    reason: text('reason').notNull(),
    sqlState: text('sqlstate').notNull(),
    epoch: whole('epoch').notNull(),
    rev: whole('rev').notNull(),
    at: whole('at').notNull(),
  },
  (t) => [primaryKey({ name: 'flush_failures_pkey', columns: [t.season, t.player] })],
);

/** No foreign keys here and in standings: whoever writes them has locked the match and its season, and brings the players along in the same
 *  transaction. Five triggers per final would only prove that again, for half of its cost (`finals.rate`). */
export const finalScores = pgTable(
  'final_scores',
  {
    season: id('season').notNull(),
    match: id('match').notNull(),
    player: id('player').notNull(),
    score: whole('score').notNull(),
    acceptedAt: whole('accepted_at').notNull(),
    /** What the flusher had left of the match when the final came; on boards that compare the two. */
    lastTick: whole('last_tick'),
    columnsKey: columnsKey('columns_key'),
    metadata: text('metadata'),
  },
  (t) => [
    primaryKey({ name: 'final_scores_pkey', columns: [t.season, t.match, t.player] }),
    isSafe('final_scores_score', t.score),
  ],
);

/** Each player's confirmed score, from finals alone: what prizes are computed from. */
export const standings = pgTable(
  'standings',
  {
    season: id('season').notNull(),
    player: id('player').notNull(),
    score: whole('score').notNull(),
    achievedAt: whole('achieved_at').notNull(),
    finals: integer('finals').notNull(),
    /** Start stamp and id of the newest match with a final: what a rebuild tells from whether a tick's match is over. */
    matchKey: id('match_key').notNull(),
    columnsKey: columnsKey('columns_key'),
    metadata: text('metadata'),
    /** On boards with buckets by key: what the first final wished for, for an entry that Redis has still to make. */
    bucket: id('bucket'),
  },
  (t) => [
    primaryKey({ name: 'standings_pkey', columns: [t.season, t.player] }),
    isSafe('standings_score', t.score),
    check('standings_finals', sql`${t.finals} >= 1`),
  ],
);

export const settlements = pgTable(
  'settlements',
  {
    id: id('id').primaryKey(),
    season: id('season')
      .notNull()
      .references(() => seasons.id),
    settledAt: whole('settled_at').notNull(),
    settledBy: text('settled_by').notNull(),
    standings: integer('standings').notNull(),
    currency: text('currency').notNull(),
    amountMinor: whole('amount_minor').notNull(),
    sha256: text('sha256').notNull(),
    /** Of the table as it is since players of it were deleted; null while it is the one that was settled. */
    sha256Now: text('sha256_now'),
  },
  (t) => [
    unique('settlements_season').on(t.season),
    check('settlements_sha256', sql`${t.sha256} ~ '^[0-9a-f]{64}$'`),
    check('settlements_amount_minor', sql`${t.amountMinor} between 0 and 9007199254740991`),
  ],
);

export const settledStandings = pgTable(
  'settled_standings',
  {
    season: id('season').notNull(),
    rank: integer('rank').notNull(),
    player: id('player').notNull(),
    score: whole('score').notNull(),
    achievedAt: whole('achieved_at').notNull(),
    columnsKey: columnsKey('columns_key'),
    metadata: text('metadata'),
  },
  (t) => [
    primaryKey({ name: 'settled_standings_pkey', columns: [t.season, t.rank] }),
    // No foreign key: whoever writes here has locked the season's row, and a trigger per row would only prove that again, for a third of the
    // time of a settlement (`settle`).
  ],
);

/** What a player is owed. The key holds neither place nor amount: a run that computed others must not pay a second time. */
export const awards = pgTable(
  'awards',
  {
    season: id('season')
      .notNull()
      .references(() => seasons.id),
    player: id('player')
      .notNull()
      .references(() => players.id),
    settlement: id('settlement')
      .notNull()
      .references(() => settlements.id),
    rank: integer('rank').notNull(),
    score: whole('score').notNull(),
    amountMinor: whole('amount_minor').notNull(),
  },
  (t) => [
    primaryKey({ name: 'awards_pkey', columns: [t.season, t.player] }),
    check('awards_amount_minor', sql`${t.amountMinor} between 1 and 9007199254740991`),
  ],
);

/** Everything that an admin or a server token changed by name. Written in the transaction of the change itself. */
export const auditLog = pgTable(
  'audit_log',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    at: whole('at').notNull().default(DATABASE_NOW),
    by: text('by').notNull(),
    action: text('action').notNull(),
    target: text('target').notNull(),
    detail: jsonb('detail').$type<Record<string, unknown>>().notNull(),
  },
  (t) => [index('audit_log_target').on(t.target, t.at)],
);
