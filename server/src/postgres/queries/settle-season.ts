import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import { eq } from 'drizzle-orm';
import { notCompared, settlementBlocked } from '../../settle/blocked.ts';
import type { Award, Settlement } from '../../settle/settlement-store.ts';
import { textArray, wholeArray } from '../array-literal.ts';
import type { Connection, Database, Sql } from '../connection.ts';
import { seasonNotFound } from '../missing.ts';
import { seasons, settlements } from '../schema.ts';
import { findSettlement } from './find-settlement.ts';
import { rankedStandings, rankStandings } from './rank-standings.ts';
import { recordAudit } from './record-audit.ts';
import { countPendingFinals, openFlagsOf } from './settlement-flags.ts';

export interface SettleOrder {
  season: { id: string; board: Board };
  /** Of the settlement, should it be the first. */
  id: string;
  at: number;
  by: string;
}

/** Belongs in a transaction: a crash at any point leaves the season closed and unsettled, with nothing of this in the database.
 *
 *  Settling twice, or from two servers at once:
 *    1. A locks the season's row
 *    2. B waits for the row
 *    3. A writes everything and commits
 *    4. B gets the row, finds the settlement and returns it   <- the same one, whatever B was asked to name it
 *  Standings cannot change meanwhile: a final needs the same row, and a season that takes finals. */
export async function settleSeason({ sql, db }: Connection, order: SettleOrder): Promise<Settlement> {
  const { season, id, at, by } = order;
  await lockClosed(db, season);
  const settled = await findSettlement(db, season.id);
  if (settled) return settled;
  await sql`
    insert into settled_standings (season, rank, player, score, achieved_at, columns_key, metadata)
    select ${season.id}::text, rank, player, score, achieved_at, columns_key, metadata
    from (${rankedStandings(sql, season)}) as ranked`;
  const { awards, ...ranked } = await rankStandings(sql, season, 'settled');
  await assertNothingOpen(sql, season, awards);
  const { currency } = season.board.prizes;
  await db
    .insert(settlements)
    .values({ id, season: season.id, settledAt: at, settledBy: by, currency, ...ranked });
  await insertAwards(sql, { season: season.id, settlement: id, awards });
  await db.update(seasons).set({ state: 'settled' }).where(eq(seasons.id, season.id));
  await recordAudit(db, {
    by,
    action: 'season.settle',
    target: season.id,
    detail: { settlement: id, ...ranked, awards: awards.length, currency },
  });
  const settlement = await findSettlement(db, season.id);
  if (!settlement) throw new Error('a settlement that was just written is not there');
  return settlement;
}

/** Finals cannot come any more, so that nothing can be flagged after this. @throws Fault SETTLEMENT_BLOCKED, UNAVAILABLE */
async function assertNothingOpen(
  sql: Sql,
  season: { id: string; board: Board },
  awards: readonly Award[],
): Promise<void> {
  if (season.board.finals.tolerance !== undefined) {
    const pending = await countPendingFinals(sql, season.id);
    if (pending > 0) throw notCompared(season.id, pending);
  }
  const paid = awards.map((award) => award.player);
  const open = await openFlagsOf(sql, season.id, paid);
  if (open.length > 0) throw settlementBlocked(season.id, open);
}

async function lockClosed(db: Database, season: { id: string; board: Board }): Promise<void> {
  const [row] = await db
    .select({ state: seasons.state, board: seasons.board })
    .from(seasons)
    .where(eq(seasons.id, season.id))
    .for('update');
  if (row?.board !== season.board.id) throw seasonNotFound(season.id);
  if (row.state !== 'closed' && row.state !== 'settled')
    throw new Fault(
      'SEASON_NOT_CLOSED',
      `season: ${season.id} is ${row.state}; only a closed season is settled`,
      {
        field: 'season',
        limit: 'a season that is closed',
        fix: row.state === 'upcoming' ? 'wait until it was played' : 'close the season first',
      },
    );
}

/** Keeps one parameter under a few megabytes. */
const AWARDS_PER_STATEMENT = 20_000;

async function insertAwards(
  sql: Sql,
  { season, settlement, awards }: { season: string; settlement: string; awards: readonly Award[] },
): Promise<void> {
  for (let start = 0; start < awards.length; start += AWARDS_PER_STATEMENT) {
    const part = awards.slice(start, start + AWARDS_PER_STATEMENT);
    await sql`
      insert into awards (season, settlement, player, rank, score, amount_minor)
      select ${season}::text, ${settlement}::text, player, rank, score, amount_minor from unnest(
        ${textArray(part.map((award) => award.player))}::text[],
        ${wholeArray(part.map((award) => award.rank))}::integer[],
        ${wholeArray(part.map((award) => award.score))}::bigint[],
        ${wholeArray(part.map((award) => award.amountMinor))}::bigint[]
      ) as sent (player, rank, score, amount_minor)`;
  }
}
