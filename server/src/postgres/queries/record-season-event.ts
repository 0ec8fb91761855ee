import type { SeasonEventType } from '@photofinish/shared/domain/season';
import type { Database } from '../connection.ts';
import { seasonEvents } from '../schema.ts';

/** Belongs in the transaction of the change, so that neither is there without the other. A second one of its type is none. */
export async function recordSeasonEvent(
  db: Database,
  { season, type, at }: { season: string; type: SeasonEventType; at: number },
): Promise<void> {
  await db
    .insert(seasonEvents)
    .values({ id: `${season}.${type}`, season, type, at, nextAttemptAt: at })
    .onConflictDoNothing();
}
