/** `rebuild`: how fast a season that Redis lost is there again, beside writing nothing but its scores into a ZSET. */
import type { ZaddMethods } from '../baselines/zadd.ts';
import { checkSeason } from '../check.ts';
import type { Experiment } from '../experiment.ts';
import { BenchFailure } from '../failure.ts';
import { playerId } from '../players.ts';
import { type BenchSeason, createSeason, FLUSH_ON_DEMAND, flush, TICKS_UNREFUSED } from '../season.ts';
import { FILL_BATCH, startBaseline, startDriver, startServer } from '../ticking.ts';
import type { World } from '../world.ts';

const WARM_WITHIN_MS = 120_000;
const LOOK_MS = 2;

export const rebuild: Experiment = {
  name: 'rebuild',
  async prepare(stage) {
    const { world, scale } = stage;
    const entries = scale.rebuildEntries;
    const product = await startServer(stage);
    const season = await createSeason(product, {
      ...{ id: 'rebuild', title: 'Bench', kind: 'open', operator: 'best', ticks: TICKS_UNREFUSED },
      flush: FLUSH_ON_DEMAND,
    });
    const driver = await startDriver(stage);
    await driver.call('fill', { season, entries, batch: FILL_BATCH });
    await flush(product, season.id);
    const zadd = startBaseline<ZaddMethods>(stage, 'zadd.ts');
    return {
      sides: [
        {
          name: 'photofinish',
          async measure() {
            await lose(world, season);
            const startedAt = performance.now();
            // Whoever asks first has it built; the answer may come from the snapshot meanwhile.
            const asked = fetch(`${product.url}/v1/boards/${season.board.id}/top?limit=1`, {
              headers: { authorization: `Bearer ${await product.token('viewer', 'bench')}` },
            });
            await warm(world, season);
            const ms = performance.now() - startedAt;
            await (await asked).text();
            return { value: (entries * 1_000) / ms, unit: 'entries/s' };
          },
        },
        {
          name: 'pipelined ZADD',
          async measure() {
            const { perSecond } = await zadd.call('run', { redisUrl: world.redisUrl, entries });
            return { value: perSecond, unit: 'entries/s' };
          },
        },
      ],
      async check() {
        const scores = await driver.call('scores', { season: season.id });
        return checkSeason(world, season, new Map([...scores].map((score, i) => [playerId(i), score])));
      },
    };
  },
};

async function lose({ redis }: World, { id, board }: BenchSeason): Promise<void> {
  const keys = await redis.keys(`pf:{${board.id}:${id}}:*`);
  if (keys.length > 0) await redis.unlink(...keys);
}

async function warm({ redis }: World, { id, board }: BenchSeason): Promise<void> {
  const deadline = performance.now() + WARM_WITHIN_MS;
  while ((await redis.hexists(`pf:{${board.id}:${id}}:meta`, 'epoch')) !== 1) {
    if (performance.now() > deadline)
      throw new BenchFailure(`the season was not rebuilt within ${WARM_WITHIN_MS / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
