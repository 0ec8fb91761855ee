import type { Season } from '../../board/board-store.ts';
import type { Connection, Sql } from '../connection.ts';
import { seasonNotFound } from '../missing.ts';
import { findSeason } from './find-season.ts';

/** Of one statement; a season of millions of entries is written in one. */
const STATEMENT_TIMEOUT = '240s';

/** Fixes what a closed season shows. Belongs in a transaction.
 *
 *  On a match board the snapshot becomes what finals come to: scores of matches without a final go, and imported entries, which are of no
 *  match, stay. Standings cannot change meanwhile or later, because a closed season takes no final; and from here on no flush writes to it.
 *  On an open board ticks are the record, and the snapshot has them. A season that is not closed, or was frozen before, is left as it is. */
export async function freezeSeason({ sql, db }: Connection, id: string): Promise<Season> {
  await sql.unsafe(`set local statement_timeout = '${STATEMENT_TIMEOUT}'`);
  const [season] = await sql<{ state: string; frozen_at: number | null; kind: string }[]>`
    select s.state, s.frozen_at, b.kind from seasons s join boards b on b.id = s.board
    where s.id = ${id} for update of s`;
  if (!season) throw seasonNotFound(id);
  if (season.state === 'closed' && season.frozen_at === null) {
    if (season.kind === 'match') await keepFinalsOnly(sql, id);
    await sql`
      update seasons set frozen_at = (extract(epoch from clock_timestamp()) * 1000)::bigint where id = ${id}`;
  }
  const frozen = await findSeason(db, id);
  if (!frozen) throw seasonNotFound(id);
  return frozen;
}

async function keepFinalsOnly(sql: Sql, season: string): Promise<void> {
  await sql`
    delete from snapshot_entries e
    where e.season = ${season} and e.match_key <> ''
      and not exists (select from standings s where s.season = e.season and s.player = e.player)`;
  await sql`
    insert into snapshot_entries as t (
      season, player, score, columns_key, achieved_at, metadata,
      confirmed, confirmed_columns_key, confirmed_at, confirmed_metadata, finals,
      provisional, provisional_columns_key, provisional_at, provisional_metadata,
      match_key, match_ended, seqs, epoch, rev, updated_at)
    select s.season, s.player, s.score, s.columns_key, s.achieved_at, s.metadata,
      s.score, s.columns_key, s.achieved_at, s.metadata, s.finals,
      null, '', null, null,
      s.match_key, true, '', seasons.epoch, 0, (extract(epoch from now()) * 1000)::bigint
    from standings s join seasons on seasons.id = s.season
    where s.season = ${season}
    on conflict (season, player) do update set
      score = excluded.score, columns_key = excluded.columns_key, achieved_at = excluded.achieved_at,
      metadata = excluded.metadata, confirmed = excluded.confirmed,
      confirmed_columns_key = excluded.confirmed_columns_key, confirmed_at = excluded.confirmed_at,
      confirmed_metadata = excluded.confirmed_metadata, finals = excluded.finals,
      provisional = null, provisional_columns_key = '', provisional_at = null, provisional_metadata = null,
      match_ended = true
    where t.provisional is not null or t.finals <> excluded.finals
      or (t.score, t.columns_key, t.achieved_at) is distinct from
        (excluded.score, excluded.columns_key, excluded.achieved_at)
      or t.metadata is distinct from excluded.metadata`;
}
