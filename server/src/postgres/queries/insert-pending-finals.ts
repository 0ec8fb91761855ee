import { newId } from '../../board/new-id.ts';
import { textArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';
import type { NewFinal } from '../final-judgement.ts';

/** Stands in what is sent to store finals: a test that cuts the line there looks for it. */
export const PENDING_PREFIX = 'finals-';

export const newPending = (): string => PENDING_PREFIX + newId();

/** They wait for Redis from the moment of their commit. Belongs in its transaction. @returns what they are known by until they are live */
export async function insertPendingFinals(sql: Sql, finals: readonly NewFinal[]): Promise<string> {
  const id = newPending();
  await sql`
    insert into pending_finals (id, at, seasons, matches, players) values (
      ${id}, ${Math.max(0, ...finals.map((final) => final.at))}::bigint,
      ${textArray(finals.map((final) => final.season))}::text[],
      ${textArray(finals.map((final) => final.match))}::text[],
      ${textArray(finals.map((final) => final.player))}::text[])`;
  return id;
}
