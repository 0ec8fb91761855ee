/** `redis.growth`: what a tick costs more in a large season. */
import { checkSeason } from '../check.ts';
import type { Experiment, Side } from '../experiment.ts';
import { playerId } from '../players.ts';
import { type BenchSeason, createSeason, FLUSH_ON_DEMAND, flush, TICKS_UNREFUSED } from '../season.ts';
import { FILL_BATCH, startDriver, startServer } from '../ticking.ts';

const BATCH = 200;

export const redisGrowth: Experiment = {
  name: 'redis.growth',
  async prepare(stage) {
    const { world, scale } = stage;
    const product = await startServer(stage);
    const driver = await startDriver(stage);
    const seasonOf = async (id: string, entries: number): Promise<BenchSeason> => {
      const season = await createSeason(product, {
        ...{ id, title: 'Bench', kind: 'open', operator: 'best', ticks: TICKS_UNREFUSED },
        // A flush of all of it would run in the rounds of one side only.
        flush: FLUSH_ON_DEMAND,
      });
      await driver.call('fill', { season, entries, batch: FILL_BATCH });
      return season;
    };
    const large = await seasonOf('large', scale.growthLarge);
    const small = await seasonOf('small', scale.growthSmall);
    const side = (name: string, season: BenchSeason): Side => ({
      name,
      async measure() {
        const { warmMs, measureMs } = scale;
        const ran = await driver.call('run', {
          ...{ season: season.id, batch: BATCH, warmMs, measureMs, redisPid: world.redisPid },
        });
        return {
          ...{ value: ran.redisUs, unit: 'us/tick', storeUs: ran.redisUs, clientShare: ran.clientShare },
          note: `${Math.round(ran.perSecond)} ticks/s`,
        };
      },
    });
    return {
      sides: [side(`${scale.growthLarge} entries`, large), side(`${scale.growthSmall} entries`, small)],
      async check() {
        let checked = 0;
        for (const season of [small, large]) {
          await flush(product, season.id);
          const scores = await driver.call('scores', { season: season.id });
          checked += await checkSeason(
            world,
            season,
            new Map([...scores].map((score, i) => [playerId(i), score])),
          );
        }
        return checked;
      },
    };
  },
};
