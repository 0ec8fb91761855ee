/** `ack.frame16`: the same with 16 ticks in each frame, as a game server that gathers its players' scores sends them. */
import type { Experiment } from '../experiment.ts';
import { openBaseline, saturation, startTicking } from '../ticking.ts';

const TICKS_PER_FRAME = 16;
/** Frames under way on each connection: as many ticks as in two rounds of single ones. */
const IN_FLIGHT = 2;

export const ackFrame16: Experiment = {
  name: 'ack.frame16',
  async prepare(stage) {
    const { client, product, rest, check } = await startTicking(stage, TICKS_PER_FRAME);
    const echo = await openBaseline(stage, client, { file: 'echo.ts' });
    const store = stage.world.redisPid;
    return {
      sides: [
        saturation(stage, client, {
          ...{ name: 'photofinish', station: 'ours', pid: product.pid, store, unit: 'ticks/s' },
          rest,
          inFlight: IN_FLIGHT,
        }),
        saturation(stage, client, {
          ...{ name: 'echo', station: 'echo.ts', pid: echo.pid, unit: 'messages/s' },
        }),
      ],
      check,
    };
  },
};
