import type { EntryRecord } from '../../flush/dirty-queue.ts';
import type { RowDifference } from '../../flush/snapshot-scan.ts';
import type { Sql } from '../connection.ts';
import { sentRows } from './snapshot-arrays.ts';

/** The rows that say less than these live entries, or something else under the same revision.
 *
 *  An entry with rev 0 has not changed since its epoch's rebuild, which leaves a row as it was where it has nothing to merge: such a
 *  row is of an older epoch. A parked row is known to differ, and to be refused again. `seqs` are not compared: one that changed nothing else is kept in Redis alone. */
export async function differingRows(
  sql: Sql,
  of: { season: string; epoch: number; entries: readonly EntryRecord[] },
): Promise<RowDifference[]> {
  const { season, epoch, entries } = of;
  return sql<RowDifference[]>`
    select sent.player,
      case
        when t.player is null then 'row-missing'
        when (t.epoch, t.rev) < (${epoch}::bigint, sent.rev) and sent.rev > 0 then 'row-older'
        else 'row-differs'
      end as kind
    from ${sentRows(sql, entries)}
    left join snapshot_entries t on t.season = ${season} and t.player = sent.player collate "C"
    where not exists (
        select 1 from flush_failures f where f.season = ${season} and f.player = sent.player collate "C")
      and (t.player is null
      or (sent.rev > 0 and (t.epoch, t.rev) < (${epoch}::bigint, sent.rev))
      or (((t.epoch = ${epoch}::bigint and t.rev = sent.rev) or (sent.rev = 0 and t.epoch < ${epoch}::bigint))
        and (t.score, t.achieved_at, t.confirmed, t.confirmed_at, t.finals, t.provisional, t.provisional_at,
          t.match_key, t.match_ended, t.columns_key, t.confirmed_columns_key, t.provisional_columns_key,
          t.metadata, t.confirmed_metadata, t.provisional_metadata, t.bucket)
        is distinct from (sent.score, sent.achieved_at, sent.confirmed, sent.confirmed_at, sent.finals,
          sent.provisional, sent.provisional_at, sent.match_key collate "C", sent.match_ended,
          sent.columns_key collate "C", sent.confirmed_columns_key collate "C", sent.provisional_columns_key collate "C",
          sent.metadata, sent.confirmed_metadata, sent.provisional_metadata, sent.bucket collate "C")))`;
}
