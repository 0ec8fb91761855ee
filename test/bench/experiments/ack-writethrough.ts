/** `ack.writethrough`: beside the server that commits every tick before it answers. */
import type { Experiment } from '../experiment.ts';
import { createScores } from '../scores-table.ts';
import { openBaseline, saturation, startTicking } from '../ticking.ts';

/** As many as the product may use. */
const CONNECTIONS = 10;

export const ackWritethrough: Experiment = {
  name: 'ack.writethrough',
  async prepare(stage) {
    const { world, scale } = stage;
    const { client, product, rest, check } = await startTicking(stage);
    await createScores(world, scale.players);
    const writeThrough = await openBaseline(stage, client, {
      file: 'write-through.ts',
      args: { databaseUrl: world.databaseUrl, connections: CONNECTIONS },
    });
    return {
      sides: [
        saturation(stage, client, {
          ...{ name: 'photofinish', station: 'ours', pid: product.pid, unit: 'ticks/s' },
          store: world.redisPid,
          rest,
        }),
        saturation(stage, client, {
          ...{
            name: 'write-through server',
            station: 'write-through.ts',
            pid: writeThrough.pid,
            unit: 'ticks/s',
          },
        }),
      ],
      check,
    };
  },
};
