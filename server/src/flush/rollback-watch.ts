/** Notices that Redis went back in time where no tick of this server does: restored from an older file, or a replica that lagged and took
 *  over. Ticks notice it by themselves (board/kept-ticks.ts).
 *
 *  - `guardedQueue`: a claim at a version that Postgres has passed, or of an epoch before the one in Postgres. Its rows would be refused
 *    as older, silently and for ever.
 *  - `checkRun`: after every connection, each season that was built in another run of Redis is merged with Postgres once. */
import type { LiveSeason } from '../board/live-board.ts';
import type { Log } from '../observe/log.ts';
import type { ClaimResult, DirtyQueue } from './dirty-queue.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type { Warmer } from './warmer.ts';

interface GuardDeps {
  queue: DirtyQueue;
  store: Pick<SnapshotStore, 'watermark' | 'epoch'>;
  warmer: Pick<Warmer, 'heal' | 'warm'>;
}

export function guardedQueue({ queue, store, warmer }: GuardDeps): DirtyQueue {
  return {
    claim: async (season): Promise<ClaimResult> => {
      const claim = await queue.claim(season);
      if (claim.kind === 'cold') {
        if (!claim.aside) return claim;
        // A cold season has nothing to flush, this one has: a drain must not pass it by.
        await warmer.warm(season);
        return queue.claim(season);
      }
      if (claim.players === 0) return claim;
      const [epoch, watermark] = await Promise.all([store.epoch(season.id), store.watermark(season.id)]);
      if (claim.epoch < epoch) await warmer.heal(season, { epoch: claim.epoch });
      else if (watermark?.epoch === claim.epoch && claim.version < watermark.version)
        // A claim of a flusher that slept may be older than what others have flushed since; the season itself is not.
        await warmer.heal(season, { epoch: claim.epoch, below: watermark.version });
      else return claim;
      return queue.claim(season);
    },
    page: (season, cursor, count) => queue.page(season, cursor, count),
    ack: (season, claim, players, done) => queue.ack(season, claim, players, done),
    markDirty: (season, players, now) => queue.markDirty(season, players, now),
    lease: (season, owner, ttlMs) => queue.lease(season, owner, ttlMs),
    release: (season, owner) => queue.release(season, owner),
  };
}

export async function checkRun(
  seasons: readonly LiveSeason[],
  { warmer, log }: { warmer: Pick<Warmer, 'heal'>; log: Log },
): Promise<void> {
  for (const season of seasons) {
    try {
      await warmer.heal(season, { otherRun: true });
    } catch (error) {
      log.warn(
        { err: error, season: season.id },
        'season not checked after a reconnect to redis; flushes check it',
      );
    }
  }
}
