import type { EntryRecord } from '../../flush/dirty-queue.ts';
import type { Sql } from '../connection.ts';
import { seasonNotFound } from '../missing.ts';

export interface RefusedRow {
  season: string;
  epoch: number;
  record: EntryRecord;
  reason: string;
  sqlState: string;
}

/** Belongs in a transaction. Fenced as `writeSnapshot` is: what a past life refused is of no use to the present one. A newer record of
 *  the entry stays; the same one, refused again, gets the newer reason. */
export async function parkRow(
  sql: Sql,
  { season, epoch, record, reason, sqlState }: RefusedRow,
): Promise<{ kind: 'ok' } | { kind: 'fenced'; epoch: number }> {
  const [present] = await sql<{ epoch: number }[]>`select epoch from seasons where id = ${season} for share`;
  if (!present) throw seasonNotFound(season);
  if (present.epoch > epoch) return { kind: 'fenced', epoch: present.epoch };
  await sql`
    insert into flush_failures as f (season, player, record, reason, sqlstate, epoch, rev, at)
    values (${season}, ${record.player}, ${JSON.stringify(record)}::text::jsonb, ${reason}, ${sqlState}, ${epoch}, ${record.rev},
      (extract(epoch from now()) * 1000)::bigint)
    on conflict (season, player) do update set
      record = excluded.record, reason = excluded.reason, sqlstate = excluded.sqlstate,
      epoch = excluded.epoch, rev = excluded.rev, at = excluded.at
    where (f.epoch, f.rev) <= (excluded.epoch, excluded.rev)`;
  return { kind: 'ok' };
}
