import { isSameUnit } from '@photofinish/shared/domain/order';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { ImportBatch, ImportConflict, ImportRow } from '../../season/import-store.ts';
import { nullableTextArray, textArray, wholeArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import { seasonNotFound } from '../missing.ts';
import { markOf, type StoredMark } from '../stored-mark.ts';
import { insertPlayers } from './insert-players.ts';

export interface DueRow extends ImportRow {
  achievedAt: number;
}

/** Adds entries to a closed season's snapshot. Belongs in a transaction.
 *
 *  The season's row, FOR SHARE, keeps a settlement out, and this out of a season that has been settled meanwhile. Rows are of revision 0, so
 *  that whatever a flush brings is newer. A player with a final has an entry, whether or not a flush has brought it here. */
export async function importEntries(
  sql: Sql,
  season: string,
  rows: readonly ImportRow[],
): Promise<ImportBatch> {
  const { epoch, closedAt } = await lockClosed(sql, season);
  const due = rows.map((row) => ({ ...row, achievedAt: row.achievedAt ?? closedAt }));
  const { first, repeats } = firstOfEach(due);
  if (first.length === 0) return { imported: 0, replaced: 0, unchanged: 0, conflicts: [] };
  const [, inserted] = await Promise.all([
    insertPlayers(
      sql,
      first.map((row) => row.player),
    ),
    insertEntries(sql, { season, epoch }, first),
  ]);
  const isNew = new Set(inserted.map((row) => row.player));
  const standing = new Map(first.filter((row) => isNew.has(row.player)).map((row) => [row.player, row]));
  const others = [...first.filter((row) => !isNew.has(row.player)), ...repeats];
  const found = await findEntries(sql, season, others);
  const conflicts: ImportConflict[] = [];
  for (const row of others) {
    const there = standing.get(row.player) ?? found.get(row.player);
    if (there && !isSameRow(there, row))
      conflicts.push({ line: row.line, player: row.player, score: there.score });
  }
  return { imported: isNew.size, replaced: 0, unchanged: others.length - conflicts.length, conflicts };
}

export async function lockClosed(sql: Sql, id: string): Promise<{ epoch: number; closedAt: number }> {
  const [season] = await sql<{ epoch: number; state: string; closed_at: number | null }[]>`
    select epoch, state, closed_at from seasons where id = ${id} for share`;
  if (!season) throw seasonNotFound(id);
  if (season.state === 'closed') return { epoch: season.epoch, closedAt: season.closed_at ?? 0 };
  const fix =
    season.state === 'settled' ? 'import before settling' : 'close it: POST /v1/admin/seasons/{season}/close';
  throw new Fault('INVALID_REQUEST', `season: ${id} is ${season.state} and takes no import; ${fix}`, {
    field: 'season',
    limit: 'a season that is closed and not settled',
    fix,
  });
}

type Standing = Pick<DueRow, 'score' | 'achievedAt' | 'columnsKey' | 'metadata'>;

export const isSameRow = (a: Standing, b: Standing): boolean =>
  isSameUnit(a, b) && a.achievedAt === b.achievedAt && a.metadata === b.metadata;

/** In key order: two imports would wait for each other. */
function firstOfEach(rows: readonly DueRow[]): { first: DueRow[]; repeats: DueRow[] } {
  const first = new Map<string, DueRow>();
  const repeats: DueRow[] = [];
  for (const row of rows) {
    if (first.has(row.player)) repeats.push(row);
    else first.set(row.player, row);
  }
  return { first: [...first.values()].sort((a, b) => (a.player < b.player ? -1 : 1)), repeats };
}

/** A table expression `sent` with a row per imported row. */
export const importedRows = (sql: Sql, rows: readonly DueRow[]) => sql`
  unnest(
    ${textArray(rows.map((row) => row.player))}::text[],
    ${wholeArray(rows.map((row) => row.score))}::bigint[],
    ${wholeArray(rows.map((row) => row.achievedAt))}::bigint[],
    ${textArray(rows.map((row) => row.columnsKey ?? ''))}::text[],
    ${nullableTextArray(rows.map((row) => row.metadata ?? null))}::text[]
  ) as sent (player, score, at, columns_key, metadata)`;

const insertEntries = (sql: Sql, of: { season: string; epoch: number }, rows: readonly DueRow[]) => sql<
  { player: string }[]
>`
  insert into snapshot_entries (
    season, player, score, achieved_at, finals, provisional, provisional_at, match_key, match_ended, seqs,
    epoch, rev, updated_at, columns_key, provisional_columns_key, metadata, provisional_metadata)
  select ${of.season}::text, sent.player, sent.score, sent.at, 0, sent.score, sent.at, '', false, '',
    ${of.epoch}::bigint, 0, (extract(epoch from now()) * 1000)::bigint,
    sent.columns_key, sent.columns_key, sent.metadata, sent.metadata
  from ${importedRows(sql, rows)}
  where not exists (select from standings s where s.season = ${of.season} and s.player = sent.player)
  on conflict (season, player) do nothing
  returning player`;

/** What stands: of the snapshot, else of the finals. */
export async function findEntries(sql: Sql, season: string, rows: readonly DueRow[]) {
  if (rows.length === 0) return new Map<string, Standing>();
  const found = await sql<({ player: string } & StoredMark)[]>`
    select sent.player, coalesce(e.score, s.score) as score, coalesce(e.achieved_at, s.achieved_at) as "achievedAt",
      coalesce(e.columns_key, s.columns_key) as "columnsKey",
      case when e.player is null then s.metadata else e.metadata end as metadata
    from unnest(${textArray([...new Set(rows.map((row) => row.player))])}::text[]) as sent (player)
    left join snapshot_entries e on e.season = ${season} and e.player = sent.player
    left join standings s on s.season = ${season} and s.player = sent.player`;
  return new Map(found.map(({ player, ...mark }): [string, Standing] => [player, markOf(mark)]));
}
