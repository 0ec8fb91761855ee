/** `ack.p99`: the time from when a tick was due to its ack, in an open loop at half of the rate that the product reaches at most. */
import type { Experiment, Sample, Side, Stage } from '../experiment.ts';
import { type Client, openBaseline, type Saturation, saturation, startTicking } from '../ticking.ts';

/** Of the knee. */
const LOAD = 0.5;

export const ackP99: Experiment = {
  name: 'ack.p99',
  async prepare(stage) {
    const { client, product, rest, check } = await startTicking(stage);
    const echo = await openBaseline(stage, client, { file: 'echo.ts' });
    // Both are warmed up, or the first round would measure the compiler.
    const ours = { station: 'ours', pid: product.pid, rest };
    const knee = await saturation(stage, client, { ...ours, name: 'knee', unit: 'ticks/s' }).measure(0);
    const base = { station: 'echo.ts', pid: echo.pid };
    await saturation(stage, client, { ...base, name: 'warm', unit: 'messages/s' }).measure(0);
    const perSecond = Math.round(knee.value * LOAD);
    return {
      sides: [
        latency(stage, client, { ...ours, name: 'photofinish', perSecond }),
        latency(stage, client, { ...base, name: 'echo', perSecond }),
      ],
      check,
    };
  },
};

function latency(stage: Stage, client: Client, of: Omit<Saturation, 'unit'> & { perSecond: number }): Side {
  const { warmMs, measureMs } = stage.scale;
  return {
    name: of.name,
    async measure(): Promise<Sample> {
      const measured = await client.call('pace', {
        ...{ name: of.station, perSecond: of.perSecond },
        window: { warmMs, measureMs, pids: { server: of.pid } },
      });
      await of.rest?.();
      return {
        ...{ value: measured.p99Us / 1_000, unit: 'ms', clientShare: measured.clientShare },
        serverUs: (measured.cpuUs['server'] ?? 0) / Math.max(1, measured.answered),
        note: `at ${of.perSecond}/s: p50 ${ms(measured.p50Us)}, p99.9 ${ms(measured.p999Us)}; sent late by ${ms(measured.lateP99Us)} at p99`,
      };
    },
  };
}

const ms = (us: number): string => `${(us / 1_000).toFixed(2)} ms`;
