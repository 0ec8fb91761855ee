/** `flush.cpu`: what a flushed row costs the process that also answers ticks, beside what query builders send. */
import type { ValuesMethods } from '../baselines/values.ts';
import type { Experiment } from '../experiment.ts';
import { Flushing } from '../flushing.ts';
import { startBaseline } from '../ticking.ts';

export const flushCpu: Experiment = {
  name: 'flush.cpu',
  async prepare(stage) {
    const flushing = await Flushing.start(stage);
    const { season } = await flushing.flush();
    const values = startBaseline<ValuesMethods>(stage, 'values.ts');
    await values.call('prepare', { databaseUrl: stage.world.databaseUrl, season: season.id });
    return {
      sides: [
        {
          name: 'flush',
          async measure() {
            const { rowsPerSecond, serverUs } = await flushing.flush();
            return { value: serverUs, unit: 'us/row', serverUs, note: `${Math.round(rowsPerSecond)} rows/s` };
          },
        },
        {
          name: 'multi-row VALUES',
          async measure() {
            const { perSecond, us } = await values.call('run', {});
            return { value: us, unit: 'us/row', serverUs: us, note: `${Math.round(perSecond)} rows/s` };
          },
        },
      ],
      check: () => flushing.check(),
    };
  },
};
