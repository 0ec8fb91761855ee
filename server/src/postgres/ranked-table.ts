/** What has ranks in Postgres, and how its rows are read: the one place that knows which columns ranking takes. */
import type { Board } from '@photofinish/shared/domain/board';
import type { OrderKey } from '@photofinish/shared/domain/order';
import type { Sql } from './connection.ts';
import { betterOver, rankOver, totalOrder } from './total-order.ts';
import { visible } from './visible.ts';

export interface RankedTable {
  /** Entries as of the last flush, or the standings that a settlement fixed. */
  table: 'snapshot_entries' | 'settled_standings';
  season: string;
  board: Board;
  /** The ranking of this bucket alone. */
  bucket?: string | undefined;
}

/** Whether a row is an entry at all: of a vacant one an abandoned match left nothing. */
export const countsIn = (sql: Sql, table: string) =>
  table === 'snapshot_entries' ? sql`(confirmed is not null or provisional is not null)` : sql`true`;

/** Buckets are in the snapshot; a settlement fixed none. */
const inBucket = (sql: Sql, { table, season, bucket }: RankedTable) =>
  table === 'snapshot_entries'
    ? sql`bucket = ${bucket ?? ''}`
    : sql`player in (select player from snapshot_entries where season = ${season} and bucket = ${bucket ?? ''})`;

/** The rows that take a place. Who was hidden at the settlement is not in settled standings; those are as they were. */
export const entriesOf = (sql: Sql, of: RankedTable) => sql`
  select player, score, columns_key, achieved_at, metadata from ${sql(of.table)}
  where season = ${of.season}
    and ${countsIn(sql, of.table)} and ${of.table === 'settled_standings' ? sql`true` : visible(sql, of.board.id, of.table)}
    and ${of.bucket === undefined ? sql`true` : inBucket(sql, of)}`;

/** The same with their numbers. `better`: how many entries are better than it, and one. Sorts the season once. */
export const numberedEntries = (sql: Sql, of: RankedTable) => {
  const { sortOrder } = of.board;
  return sql`
    select player, score, columns_key, achieved_at, metadata,
      row_number() over (order by ${totalOrder(sql, sortOrder)}) as place, ${rankOver(sql, of.board)} as rank,
      ${betterOver(sql, sortOrder)} as better
    from (${entriesOf(sql, of)}) as entries`;
};

/** Of a row that may be the one of an empty answer, which carries totals alone. */
export interface MaybeEntry {
  player: string | null;
  score: number | null;
  columnsKey: string | null;
  achievedAt: number | null;
  metadata: string | null;
}

/** For `select`: a `MaybeEntry` out of a relation. */
export const entryColumns = (sql: Sql, from: string) => sql`
  ${sql(from)}.player, ${sql(from)}.score, ${sql(from)}.columns_key as "columnsKey", ${sql(from)}.achieved_at as "achievedAt",
  ${sql(from)}.metadata`;

export function entryOf(row: MaybeEntry): (OrderKey & { metadata?: string })[] {
  const { player, score, columnsKey, achievedAt, metadata } = row;
  if (player === null || score === null || achievedAt === null) return [];
  return [
    {
      ...{ player, score, achievedAt },
      ...(columnsKey ? { columnsKey } : {}),
      ...(metadata === null ? {} : { metadata }),
    },
  ];
}
