/** `ack.single`: what a checked, ranked, dirty-tracked and acknowledged tick costs beside a message that is only sent back. */
import type { Experiment } from '../experiment.ts';
import { openBaseline, saturation, startTicking } from '../ticking.ts';

export const ackSingle: Experiment = {
  name: 'ack.single',
  async prepare(stage) {
    const { client, product, rest, check } = await startTicking(stage);
    const echo = await openBaseline(stage, client, { file: 'echo.ts' });
    const parse = await openBaseline(stage, client, { file: 'parse-ack.ts' });
    const store = stage.world.redisPid;
    return {
      sides: [
        saturation(stage, client, {
          ...{ name: 'photofinish', station: 'ours', pid: product.pid, store, unit: 'ticks/s' },
          rest,
        }),
        saturation(stage, client, {
          ...{ name: 'echo', station: 'echo.ts', pid: echo.pid, unit: 'messages/s' },
        }),
        saturation(stage, client, {
          ...{ name: 'parse and ack', station: 'parse-ack.ts', pid: parse.pid, unit: 'messages/s' },
        }),
      ],
      check,
    };
  },
};
