import type { ImportBatch, ImportRow } from '../../season/import-store.ts';
import type { Sql } from '../connection.ts';
import { findEntries, importedRows, isSameRow, lockClosed } from './import-entries.ts';
import { insertPlayers } from './insert-players.ts';

/** Corrects entries of a closed season's snapshot. Belongs in a transaction. The season's row, FOR SHARE, keeps a settlement out.
 *
 *  What finals say stays: prizes are computed from them, and a player who has one is refused. Seqs stay too, so that a tick which comes again
 *  is still known to have been seen. */
export async function replaceEntries(
  sql: Sql,
  season: string,
  rows: readonly ImportRow[],
): Promise<ImportBatch> {
  const { epoch, closedAt } = await lockClosed(sql, season);
  const last = new Map(rows.map((row) => [row.player, { ...row, achievedAt: row.achievedAt ?? closedAt }]));
  // In key order: two corrections would wait for each other.
  const due = [...last.values()].sort((a, b) => (a.player < b.player ? -1 : 1));
  if (due.length === 0) return { imported: 0, replaced: 0, unchanged: 0, conflicts: [] };
  await insertPlayers(
    sql,
    due.map((row) => row.player),
  );
  const written = await sql<{ player: string; isNew: boolean }[]>`
    insert into snapshot_entries as e (
      season, player, score, achieved_at, finals, provisional, provisional_at, match_key, match_ended, seqs,
      epoch, rev, updated_at, columns_key, provisional_columns_key, metadata, provisional_metadata)
    select ${season}::text, sent.player, sent.score, sent.at, 0, sent.score, sent.at, '', false, '',
      ${epoch}::bigint, 0, (extract(epoch from now()) * 1000)::bigint,
      sent.columns_key, sent.columns_key, sent.metadata, sent.metadata
    from ${importedRows(sql, due)}
    where not exists (select from standings s where s.season = ${season} and s.player = sent.player)
    on conflict (season, player) do update set
      score = excluded.score, achieved_at = excluded.achieved_at,
      provisional = excluded.provisional, provisional_at = excluded.provisional_at,
      columns_key = excluded.columns_key, provisional_columns_key = excluded.provisional_columns_key,
      metadata = excluded.metadata, provisional_metadata = excluded.provisional_metadata,
      epoch = excluded.epoch, rev = 0, updated_at = excluded.updated_at
    where e.finals = 0 and (e.score, e.achieved_at, e.columns_key, e.metadata)
      is distinct from (excluded.score, excluded.achieved_at, excluded.columns_key, excluded.metadata)
    returning player, (xmax = 0) as "isNew"`;
  const done = new Set(written.map((row) => row.player));
  const others = due.filter((row) => !done.has(row.player));
  const found = await findEntries(sql, season, others);
  const conflicts = others.flatMap((row) => {
    const there = found.get(row.player);
    const { line, player } = row;
    return !there || isSameRow(there, row) ? [] : [{ line, player, score: there.score }];
  });
  return {
    imported: done.size,
    replaced: written.filter((row) => !row.isNew).length,
    unchanged: rows.length - done.size - conflicts.length,
    conflicts,
  };
}

/** Begins an epoch of corrections: a flush that was held up since the season was played is of an older one. Belongs in a transaction. */
export async function fenceClosed(sql: Sql, season: string): Promise<void> {
  await lockClosed(sql, season);
  await sql`update seasons set epoch = epoch + 1 where id = ${season}`;
}
