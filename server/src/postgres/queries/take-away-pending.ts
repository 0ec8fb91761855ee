import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** Redis has these. In key order, because two servers may take the same ones away. */
export async function takeAwayPending(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql`
    delete from pending_finals where ctid = any (array(
      select ctid from pending_finals where id = any (${textArray(ids)}::text[]) order by id for update))`;
}
