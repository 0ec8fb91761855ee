import { Histogram, type Registry } from 'prom-client';
import type { PressureObserver } from '../board/pressure.ts';
import type { TickObserver } from '../board/tick-intake.ts';
import { tally } from './tally.ts';

export function tickObserver(registry: Registry): TickObserver & PressureObserver {
  const ticks = tally(registry, {
    name: 'photofinish_tick_ticks_total',
    help: 'Ticks by what came of them. improved: acked, and the entry stands better; unchanged: acked, and it does not. repeat: acked, seq seen before. refused: by the season in Redis. rejected: at the door (bounds, rates, full queue). failed: Redis failed or gave no answer.',
    label: 'outcome',
    values: ['improved', 'unchanged', 'repeat', 'refused', 'rejected', 'failed'],
  });
  const batchTicks = new Histogram({
    name: 'photofinish_tick_batch_ticks',
    help: 'Ticks that went to Redis in one script call.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers: [registry],
  });
  const batchSeconds = new Histogram({
    name: 'photofinish_tick_batch_seconds',
    help: 'Time from sending a batch of ticks to Redis to having its answers, a rebuild of a cold season included.',
    buckets: [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  const heldSeconds = new Histogram({
    name: 'photofinish_tick_held_seconds',
    help: 'Time that the acks of a batch of ticks were held back, because more entries are dirty than the board lets wait unfelt.',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1],
    registers: [registry],
  });
  return {
    held: (ms) => heldSeconds.observe(ms / 1_000),
    batch(batch) {
      batchTicks.observe(batch.ticks);
      batchSeconds.observe(batch.ms / 1_000);
      for (const outcome of batch.outcomes) {
        if (outcome.refused !== undefined) ticks.refused++;
        else if (outcome.repeat) ticks.repeat++;
        else if (outcome.improved) ticks.improved++;
        else ticks.unchanged++;
      }
    },
    failed(count) {
      ticks.failed += count;
    },
    refusedAtTheDoor() {
      ticks.rejected++;
    },
  };
}
