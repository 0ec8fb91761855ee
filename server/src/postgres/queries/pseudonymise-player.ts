import { eq } from 'drizzle-orm';
import type postgres from 'postgres';
import type { DeletionJob } from '../../board/player-deletion-store.ts';
import type { Connection, Sql } from '../connection.ts';
import { PLAYER_TABLES, type PlayerTable } from '../player-tables.ts';
import { playerDeletions } from '../schema-player-deletions.ts';
import { choosePseudonym } from './choose-pseudonym.ts';
import { recordAudit } from './record-audit.ts';
import { type Change, rehashSettlements } from './rehash-settlements.ts';

/** Belongs in a transaction. A second one of the same job waits for its row. */
export async function pseudonymisePlayer(
  { sql, db }: Connection,
  of: { job: string; at: number },
): Promise<{ job: DeletionJob; rows: number }> {
  const [job] = await db.select().from(playerDeletions).where(eq(playerDeletions.id, of.job)).for('update');
  if (!job) throw new Error('a deletion of a player is not there');
  const { target: player, erasedAt } = job;
  if (player === null) throw new Error('a deletion of a player was done already');
  const pseudonym = job.pseudonym ?? (await choosePseudonym(sql, player));
  const shown = { id: job.id, player, pseudonym, erasedAt: erasedAt ?? undefined };
  await sql`
    insert into players (id, hidden, created_at, deleted_at)
    select ${pseudonym}::text, coalesce((select hidden from players where id = ${player}), false), ${of.at}::bigint, ${of.at}::bigint
    on conflict (id) do nothing`;
  const change = { player, pseudonym };
  const rehash = await rehashSettlements(sql, change);
  let rows = 0;
  for (const table of PLAYER_TABLES) rows += await renameIn(sql, table, change);
  // A final that is still to go live goes live under the pseudonym.
  await sql`
    update pending_finals set players = array_replace(players, ${player}::text, ${pseudonym}::text)
    where players @> array[${player}::text]`;
  await rehash((settlement) =>
    recordAudit(db, {
      ...{ by: 'system', action: 'settlement.pseudonymise', target: settlement.season },
      detail: { ...settlement },
    }),
  );
  rows += await renameInAudit(sql, change);
  const { count } = await sql`delete from players where id = ${player}`;
  rows += count;
  if (job.pseudonym === null) {
    await db.update(playerDeletions).set({ pseudonym }).where(eq(playerDeletions.id, job.id));
    const detail = { deletion: job.id, rows };
    await recordAudit(db, { by: job.by, action: 'player.delete', target: pseudonym, detail });
  }
  return { job: shown, rows };
}

/** What the game itself wrote beside a score may name the player in its own words. */
const FREE = /metadata$/;

async function renameIn(sql: Sql, table: PlayerTable, { player, pseudonym }: Change): Promise<number> {
  const name = sql(table.name);
  let rows = 0;
  for (const key of table.keysBeside) {
    const same = key.map((column) => sql`and kept.${sql(column)} = ${name}.${sql(column)}`);
    const { count } = await sql`
      delete from ${name} where player = ${player} and exists (
        select from ${name} as kept where kept.player = ${pseudonym} ${joined(sql, same)})`;
    rows += count;
  }
  const cleared = table.columns.flatMap((column) => {
    if (FREE.test(column)) return [sql`, ${sql(column)} = null`];
    // Writers are named in it, and a player is one.
    if (column === 'seqs') return [sql`, seqs = ''`];
    if (column === 'record')
      return [
        sql`, record = jsonb_set(record, '{player}', to_jsonb(${pseudonym}::text)) || '{"seqs": ""}'
          - '{metadata,confirmedMetadata,provisionalMetadata}'::text[]`,
      ];
    return [];
  });
  const { count } = await sql`
    update ${name} set player = ${pseudonym} ${joined(sql, cleared)} where player = ${player}`;
  return rows + count;
}

type Part = postgres.PendingQuery<postgres.Row[]>;

const joined = (sql: Sql, parts: readonly Part[]): Part =>
  parts.reduce((all, part) => sql`${all} ${part}`, sql``);

/** The audit log tells what was done and when; of the player it keeps the pseudonym. */
async function renameInAudit(sql: Sql, { player, pseudonym }: Change): Promise<number> {
  const { count } = await sql`
    update audit_log set
      by = case by when ${player} then ${pseudonym} else by end,
      target = case target when ${player} then ${pseudonym} else target end,
      detail = case
        when action = 'player.name' then '{}'
        when detail ->> 'player' = ${player} then jsonb_set(detail, '{player}', to_jsonb(${pseudonym}::text)) - 'record'
        when jsonb_typeof(detail -> 'players') = 'array' then jsonb_set(detail, '{players}', (detail -> 'players') - ${player}::text)
        else detail end
    where (target = ${player} and action ~ '^(player|flag)[.]') or by = ${player} or detail ->> 'player' = ${player}
      or (jsonb_typeof(detail -> 'players') = 'array' and detail -> 'players' ? ${player})`;
  return count;
}
