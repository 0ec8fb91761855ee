/** `redis.ticks`: what the script costs Redis, beside the plainest write of a sorted set. */
import { checkSeason } from '../check.ts';
import type { Experiment } from '../experiment.ts';
import { playerId } from '../players.ts';
import { createSeason, FLUSH_ON_DEMAND, flush, TICKS_UNREFUSED } from '../season.ts';
import { FILL_BATCH, startDriver, startServer } from '../ticking.ts';

const ENTRIES = 100_000;
/** Ticks in one call: what comes while a call is under way, on a busy server. */
const BATCH = 200;

export const redisTicks: Experiment = {
  name: 'redis.ticks',
  async prepare(stage) {
    const { world, scale } = stage;
    const product = await startServer(stage);
    const season = await createSeason(product, {
      ...{ id: 'bench', title: 'Bench', kind: 'open', operator: 'best' },
      ...{ ticks: TICKS_UNREFUSED, flush: FLUSH_ON_DEMAND },
    });
    const driver = await startDriver(stage);
    await driver.call('fill', { season, entries: ENTRIES, batch: FILL_BATCH });
    const { warmMs, measureMs } = scale;
    const requests = String(scale.benchmarkRequests);
    return {
      sides: [
        {
          name: 'tick script',
          async measure() {
            const ran = await driver.call('run', {
              ...{ season: season.id, batch: BATCH, warmMs, measureMs, redisPid: world.redisPid },
            });
            return {
              ...{ value: ran.perSecond, unit: 'ticks/s', storeUs: ran.redisUs, serverUs: ran.clientUs },
              clientShare: ran.clientShare,
            };
          },
        },
        {
          name: 'redis-benchmark',
          async measure() {
            const args = ['-t', 'zadd', '-r', '100000', '-P', '16', '-n', requests];
            const value = world.redisBenchmark(args);
            await world.redis.unlink('myzset');
            return { value, unit: 'commands/s' };
          },
        },
      ],
      async check() {
        await flush(product, season.id);
        const scores = await driver.call('scores', { season: season.id });
        return checkSeason(world, season, new Map([...scores].map((score, i) => [playerId(i), score])));
      },
    };
  },
};
