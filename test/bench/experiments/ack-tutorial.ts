/** `ack.tutorial`: beside the server that tutorials show, which keeps nothing but a ZSET. */
import type { Experiment } from '../experiment.ts';
import { firstScore, playerId } from '../players.ts';
import { openBaseline, saturation, startTicking } from '../ticking.ts';
import type { World } from '../world.ts';

const KEY = 'bench:tutorial';
const PART = 10_000;

export const ackTutorial: Experiment = {
  name: 'ack.tutorial',
  async prepare(stage) {
    const { world, scale } = stage;
    const { client, product, rest, check } = await startTicking(stage);
    await fillZset(world, scale.players);
    const tutorial = await openBaseline(stage, client, {
      file: 'tutorial.ts',
      args: { redisUrl: world.redisUrl, key: KEY },
    });
    const store = world.redisPid;
    return {
      sides: [
        saturation(stage, client, {
          ...{ name: 'photofinish', station: 'ours', pid: product.pid, store, unit: 'ticks/s' },
          rest,
        }),
        saturation(stage, client, {
          ...{ name: 'tutorial server', station: 'tutorial.ts', pid: tutorial.pid, store, unit: 'ticks/s' },
        }),
      ],
      check,
    };
  },
};

async function fillZset({ redis }: World, players: number): Promise<void> {
  for (let first = 0; first < players; first += PART) {
    const pairs: (string | number)[] = [];
    for (let number = first; number < Math.min(players, first + PART); number++)
      pairs.push(firstScore(number), playerId(number));
    await redis.zadd(KEY, ...pairs);
  }
}
