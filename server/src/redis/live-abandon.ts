/** Abandoned matches in Redis: the port board/live-abandon.ts over scripts/abandon.lua. */
import type { Redis } from 'ioredis';
import type { Abandoned, LiveAbandon } from '../board/live-abandon.ts';
import { type Cold, type LiveSeason, TICK_BATCH_MAX } from '../board/live-board.ts';
import { chunksOf } from './chunks.ts';
import { STANDING, seasonKeys } from './keys.ts';
import { bucketSizeOf, stampAt } from './rank-member.ts';
import { run, script } from './script.ts';

const ABANDON = script('abandon', {
  keys: ['rank', 'entries', 'dirty', 'meta', ...STANDING],
  args: ['sortOrder', 'now', 'keep', 'operator', 'bucketSize', 'match'],
  writes: true,
});

export class RedisLiveAbandon implements LiveAbandon {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** More players than one script takes go in several, each atomic. */
  async abandon(
    season: LiveSeason,
    { matchKey, players }: { matchKey: string; players: readonly string[] },
    now: number,
  ): Promise<Cold | Abandoned> {
    const { sortOrder, operator, entryMetadata } = season.board;
    const args = {
      ...{ sortOrder, operator, now: stampAt(now), match: matchKey },
      ...{ keep: entryMetadata?.keep ?? 'best', bucketSize: bucketSizeOf(season.board) },
    };
    const sum: Abandoned = { kind: 'ok', epoch: 0, changed: 0, rev: 0 };
    for (const part of chunksOf(players, TICK_BATCH_MAX)) {
      const reply = await run(this.#redis, ABANDON, { keys: seasonKeys(season), args, rest: part });
      const [kind, epoch, changed, rev] = reply as ['cold'] | ['ok', number, number, number];
      if (kind === 'cold') return { kind };
      sum.epoch = epoch;
      sum.changed += changed;
      sum.rev = Math.max(sum.rev, rev);
    }
    return sum;
  }
}
