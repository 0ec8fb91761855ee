/** `redis.bytes`: what an entry weighs, with its record, its place and its seqs, beside a member of a plain ZSET. */
import { checkSeason } from '../check.ts';
import type { Experiment } from '../experiment.ts';
import { firstScore, playerId } from '../players.ts';
import { type BenchSeason, createSeason, FLUSH_ON_DEMAND, flush, TICKS_UNREFUSED } from '../season.ts';
import { FILL_BATCH, startDriver, startServer } from '../ticking.ts';
import type { World } from '../world.ts';

const PLAIN = 'bench:plain';
const PART = 10_000;

export const redisBytes: Experiment = {
  name: 'redis.bytes',
  async prepare(stage) {
    const { world, scale } = stage;
    const product = await startServer(stage);
    const driver = await startDriver(stage);
    const entries = scale.bytesEntries;
    let last: BenchSeason | undefined;
    return {
      sides: [
        {
          name: 'photofinish',
          async measure(round) {
            const season = await createSeason(product, {
              ...{
                id: `bytes-${round}`,
                title: 'Bench',
                kind: 'open',
                operator: 'best',
                ticks: TICKS_UNREFUSED,
              },
              flush: FLUSH_ON_DEMAND,
            });
            await driver.call('fill', { season, entries, batch: FILL_BATCH });
            await flush(product, season.id);
            const keys = await world.redis.keys(`pf:{${season.board.id}:${season.id}}:*`);
            const bytes = await bytesOf(world, keys);
            if (last) await driver.call('forget', { season: last.id });
            last = season;
            return { value: bytes / entries, unit: 'bytes/entry', note: `${keys.length} keys` };
          },
        },
        {
          name: 'plain ZSET',
          async measure() {
            for (let first = 0; first < entries; first += PART) {
              const pairs: (string | number)[] = [];
              for (let number = first; number < Math.min(entries, first + PART); number++)
                pairs.push(firstScore(number), playerId(number));
              await world.redis.zadd(PLAIN, ...pairs);
            }
            const bytes = await bytesOf(world, [PLAIN]);
            await world.redis.unlink(PLAIN);
            return { value: bytes / entries, unit: 'bytes/entry' };
          },
        },
      ],
      async check() {
        if (!last) return 0;
        const scores = await driver.call('scores', { season: last.id });
        return checkSeason(world, last, new Map([...scores].map((score, i) => [playerId(i), score])));
      },
    };
  },
};

/** Every element is weighed: a sample would guess at the rest. */
async function bytesOf({ redis }: World, keys: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const key of keys) bytes += Number(await redis.call('MEMORY', 'USAGE', key, 'SAMPLES', '0'));
  return bytes;
}
