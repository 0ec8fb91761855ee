/** `flush.rows`: how fast dirty entries become rows, beside the fastest way into a table with the same index. */
import type { CopyMethods } from '../baselines/copy.ts';
import type { Experiment } from '../experiment.ts';
import { Flushing } from '../flushing.ts';
import { startBaseline } from '../ticking.ts';

export const flushRows: Experiment = {
  name: 'flush.rows',
  async prepare(stage) {
    const flushing = await Flushing.start(stage);
    const { season } = await flushing.flush();
    const copy = startBaseline<CopyMethods>(stage, 'copy.ts');
    await copy.call('prepare', { databaseUrl: stage.world.databaseUrl, season: season.id });
    return {
      sides: [
        {
          name: 'flush',
          async measure() {
            const { rowsPerSecond, serverUs } = await flushing.flush();
            return { value: rowsPerSecond, unit: 'rows/s', serverUs };
          },
        },
        {
          name: 'COPY',
          async measure() {
            const { perSecond, us } = await copy.call('run', {});
            return { value: perSecond, unit: 'rows/s', serverUs: us };
          },
        },
      ],
      check: () => flushing.check(),
    };
  },
};
