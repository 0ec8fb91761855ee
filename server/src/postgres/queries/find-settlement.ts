import { asc, eq } from 'drizzle-orm';
import type { Settlement } from '../../settle/settlement-store.ts';
import type { Database } from '../connection.ts';
import { awards, seasons, settlements } from '../schema.ts';

/** A settlement and its awards are written in one transaction and never change, so two statements agree. */
export async function findSettlement(db: Database, season: string): Promise<Settlement | undefined> {
  const [row] = await db
    .select({
      id: settlements.id,
      season: settlements.season,
      board: seasons.board,
      settledAt: settlements.settledAt,
      standings: settlements.standings,
      currency: settlements.currency,
      amountMinor: settlements.amountMinor,
      sha256: settlements.sha256,
      sha256Now: settlements.sha256Now,
    })
    .from(settlements)
    .innerJoin(seasons, eq(seasons.id, settlements.season))
    .where(eq(settlements.season, season));
  if (!row) return undefined;
  const owed = await db
    .select({
      player: awards.player,
      rank: awards.rank,
      score: awards.score,
      amountMinor: awards.amountMinor,
    })
    .from(awards)
    .where(eq(awards.season, season))
    .orderBy(asc(awards.rank));
  const { sha256Now, ...settlement } = row;
  return { ...settlement, ...(sha256Now === null ? {} : { sha256Now }), awards: owed };
}
