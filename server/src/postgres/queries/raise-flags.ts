import type { NewFlag } from '../../board/flag-store.ts';
import { textArray, wholeArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** @returns how many were not there before. In key order, because two servers may raise the same ones */
export async function raiseFlags(sql: Sql, flags: readonly NewFlag[]): Promise<number> {
  const keyOf = (flag: NewFlag) => `${flag.season} ${flag.match} ${flag.player} ${flag.kind}`;
  const sorted = [...flags].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const raised = await sql`
    insert into flags (kind, board, season, match, player, detail, at)
    select kind, board, season, match, player, detail::jsonb, at from unnest(
      ${textArray(sorted.map((flag) => flag.kind))}::text[],
      ${textArray(sorted.map((flag) => flag.board))}::text[],
      ${textArray(sorted.map((flag) => flag.season))}::text[],
      ${textArray(sorted.map((flag) => flag.match))}::text[],
      ${textArray(sorted.map((flag) => flag.player))}::text[],
      ${textArray(sorted.map((flag) => JSON.stringify(flag.detail)))}::text[],
      ${wholeArray(sorted.map((flag) => flag.at))}::bigint[]
    ) as sent (kind, board, season, match, player, detail, at)
    on conflict (season, match, player, kind) do nothing
    returning id`;
  return raised.length;
}
