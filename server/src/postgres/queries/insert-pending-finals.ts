import { newId } from '../../board/new-id.ts';
import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import type { NewFinal } from '../final-judgement.ts';

/** Stands in what is sent to store finals: a test that cuts the line there looks for it. */
export const PENDING_PREFIX = 'finals-';

export const newPending = (): string => PENDING_PREFIX + newId();

/** What `pending_finals` holds of one transaction. @param finals at least one */
export const pendingRow = (sql: Sql, id: string, finals: readonly NewFinal[]) => sql`
  select ${id}::text, ${Math.max(...finals.map((final) => final.at))}::bigint,
    ${textArray(finals.map((final) => final.season))}::text[],
    ${textArray(finals.map((final) => final.match))}::text[],
    ${textArray(finals.map((final) => final.player))}::text[]`;

/** They wait for Redis from the moment of their commit. Belongs in its transaction. @returns what they are known by until they are live */
export async function insertPendingFinals(sql: Sql, finals: readonly NewFinal[]): Promise<string> {
  const id = newPending();
  await sql`insert into pending_finals (id, at, seasons, matches, players) ${pendingRow(sql, id, finals)}`;
  return id;
}
