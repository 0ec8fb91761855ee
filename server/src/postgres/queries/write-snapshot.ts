import type { EntryRecord } from '../../flush/dirty-queue.ts';
import type { SnapshotChunk, SnapshotWriteResult, Watermark } from '../../flush/snapshot-store.ts';
import { textArray, wholeArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import { seasonNotFound } from '../missing.ts';
import { sentRows } from './snapshot-arrays.ts';

/** One flushed chunk. Belongs in a transaction.
 *
 *  Two flushers of one season may run at once, and one of them may be of a past life of it:
 *    - the season's row, FOR SHARE, makes `raiseEpoch` wait for this transaction, and this one see what it did;
 *    - `(epoch, rev)` lets the newer row win, whoever commits last;
 *    - rows go in key order, or the two would wait for each other.
 *  Everything after the first statement goes out at once and is answered together. */
export async function writeSnapshot(sql: Sql, chunk: SnapshotChunk): Promise<SnapshotWriteResult> {
  const [season] = await sql<{ epoch: number; is_fixed: boolean; has_parked: boolean }[]>`
    select epoch, frozen_at is not null and exists (
        select 1 from boards where boards.id = seasons.board and boards.kind = 'match') as is_fixed,
      exists (select 1 from flush_failures where season = seasons.id) as has_parked
    from seasons where id = ${chunk.season} for share of seasons`;
  if (!season) throw seasonNotFound(chunk.season);
  if (season.epoch > chunk.epoch) return { kind: 'fenced', epoch: season.epoch };
  // Finals have decided what a frozen season of a match board shows; what its matches ticked is over.
  const records = season.is_fixed ? [] : newestInKeyOrder(chunk.records);
  const [written] = await Promise.all([
    records.length > 0 ? upsertEntries(sql, chunk, records) : undefined,
    season.has_parked && records.length > 0 ? forgetParked(sql, chunk, records) : undefined,
    chunk.watermark ? advanceWatermark(sql, chunk.season, chunk.watermark) : undefined,
  ]);
  const count = written?.count ?? 0;
  return { kind: 'ok', written: count, refused: records.length - count };
}

/** One statement must not name a key twice (SQLSTATE 21000), and a page may repeat an entry. */
function newestInKeyOrder(records: readonly EntryRecord[]): EntryRecord[] {
  const sorted = [...records].sort((a, b) =>
    a.player < b.player ? -1 : a.player > b.player ? 1 : b.rev - a.rev,
  );
  return sorted.filter((record, i) => record.player !== sorted[i - 1]?.player);
}

/** What was parked of these entries is in the snapshot now, or something newer is. */
const forgetParked = (sql: Sql, chunk: SnapshotChunk, records: readonly EntryRecord[]) => sql`
  delete from flush_failures f
  using unnest(
    ${textArray(records.map((record) => record.player))}::text[],
    ${wholeArray(records.map((record) => record.rev))}::bigint[]
  ) as sent (player, rev)
  where f.season = ${chunk.season} and f.player = sent.player and (f.epoch, f.rev) <= (${chunk.epoch}::bigint, sent.rev)`;

export const upsertEntries = (
  sql: Sql,
  chunk: Pick<SnapshotChunk, 'season' | 'epoch'>,
  records: readonly EntryRecord[],
) => sql`
  insert into snapshot_entries as t (
    season, player, score, achieved_at, confirmed, confirmed_at, finals, provisional, provisional_at,
    match_key, match_ended, seqs, epoch, rev, updated_at,
    columns_key, confirmed_columns_key, provisional_columns_key,
    metadata, confirmed_metadata, provisional_metadata, bucket)
  select ${chunk.season}::text, sent.player, sent.score, sent.achieved_at, sent.confirmed, sent.confirmed_at, sent.finals,
    sent.provisional, sent.provisional_at, sent.match_key, sent.match_ended, sent.seqs, ${chunk.epoch}::bigint, sent.rev,
    (select (extract(epoch from now()) * 1000)::bigint),
    sent.columns_key, sent.confirmed_columns_key, sent.provisional_columns_key,
    sent.metadata, sent.confirmed_metadata, sent.provisional_metadata, sent.bucket
  from ${sentRows(sql, records)}
  on conflict (season, player) do update set
    score = excluded.score, achieved_at = excluded.achieved_at,
    confirmed = excluded.confirmed, confirmed_at = excluded.confirmed_at, finals = excluded.finals,
    provisional = excluded.provisional, provisional_at = excluded.provisional_at,
    match_key = excluded.match_key, match_ended = excluded.match_ended, seqs = excluded.seqs,
    epoch = excluded.epoch, rev = excluded.rev, updated_at = excluded.updated_at,
    columns_key = excluded.columns_key, confirmed_columns_key = excluded.confirmed_columns_key,
    provisional_columns_key = excluded.provisional_columns_key,
    metadata = excluded.metadata, confirmed_metadata = excluded.confirmed_metadata,
    provisional_metadata = excluded.provisional_metadata, bucket = excluded.bucket
  where (t.epoch, t.rev) < (excluded.epoch, excluded.rev)`;

/** Never moves back: a flusher that was overtaken commits what is older, and its receipt must not stand for the newer one. */
const advanceWatermark = (sql: Sql, season: string, mark: Watermark) => sql`
  insert into watermarks as t (season, epoch, version, at)
  values (${season}, ${mark.epoch}, ${mark.version}, ${mark.at})
  on conflict (season) do update set epoch = excluded.epoch, version = excluded.version, at = excluded.at
  where (t.epoch, t.version, t.at) < (excluded.epoch, excluded.version, excluded.at)`;
