import { ID_PATTERN } from '@photofinish/shared/domain/ids';
import { nanoid } from 'nanoid';
import type { Sql } from '../connection.ts';

const DIGITS = '-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~';
/** Of the old id, at most. */
const SHARED_MAX = 40;

/** An id for a player who is deleted: random, and in the byte order on the same side as the old one of everyone who reached an equal
 *  score in the same millisecond, because there ids decide the rank. Settled seasons keep their ranks by themselves. */
export async function choosePseudonym(sql: Sql, player: string): Promise<string> {
  const tied = await sql<{ lower: string | null; upper: string | null }[]>`
    select max(player) filter (where player < ${player}) as lower, min(player) filter (where player > ${player}) as upper
    from (${tiedIn(sql, 'snapshot_entries', player)} union all ${tiedIn(sql, 'standings', player)}) as tied`;
  const { lower, upper } = tied[0] ?? { lower: null, upper: null };
  const fits = (id: string) =>
    ID_PATTERN.test(id) && (lower === null || id > lower) && (upper === null || id < upper);
  const fitting = candidatesFor(player).find(fits);
  // Nothing fits between neighbours that differ in their last characters only: the tie is then broken the other way.
  return fitting ?? `deleted-${nanoid(16)}`;
}

function candidatesFor(player: string): string[] {
  const random = () => `deleted-${nanoid(16)}`;
  const shared = Math.min(player.length, SHARED_MAX);
  return [
    random(),
    ...[...DIGITS].map((digit) => digit + random()),
    // The least of the old id that keeps the order: one character more than its neighbour shares with it.
    ...Array.from({ length: shared }, (_, i) => `${player.slice(0, i + 1)}-${random().slice(0, 20)}`),
  ];
}

const tiedIn = (sql: Sql, table: string, player: string) => sql`
  select other.player from ${sql(table)} as own
  join seasons on seasons.id = own.season and seasons.state <> 'settled'
  join ${sql(table)} as other on other.season = own.season and other.player <> own.player
    and other.score = own.score and other.achieved_at = own.achieved_at and other.columns_key = own.columns_key
  where own.player = ${player}`;
