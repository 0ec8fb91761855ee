/** Port: one player in the live seasons. Implemented by redis/. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Flusher } from '../flush/flusher.ts';
import type { LiveSeason } from './live-board.ts';

export interface LivePlayers {
  /** Whether the season's memory holds an entry of the player, warm or not. */
  has(season: LiveSeason, player: string): Promise<boolean>;
  /** In one step: the player's entry goes on as `to`, at the same place, without its metadata and its writers' seqs, and is dirty; where
   *  `to` has an entry already, the player's is dropped. Nothing in the season names the player after it.
   *  building: the season is being rebuilt, and may be from rows that named the player; ask again later. */
  rename(
    season: LiveSeason,
    of: { from: string; to: string; now: number },
  ): Promise<'renamed' | 'absent' | 'building'>;
}

const DRAIN_MS = 20_000;

/** What Redis has of the player is in the database after it. @throws Fault UNAVAILABLE */
export async function flushSeasonsOf(
  player: string,
  deps: {
    live: Pick<LivePlayers, 'has'>;
    liveSeasons: () => Promise<LiveSeason[]>;
    flusher: Pick<Flusher, 'drain'>;
  },
): Promise<void> {
  try {
    for (const season of await deps.liveSeasons())
      if (await deps.live.has(season, player)) await deps.flusher.drain(season, 'admin', DRAIN_MS);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault(
      'UNAVAILABLE',
      `player: what Redis has of ${player} could not be flushed; nothing was done`,
      {
        field: 'player',
        fix: 'ask again',
        retryAfterMs: 1_000,
      },
    );
  }
}
