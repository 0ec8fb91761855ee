import { Gauge, type Registry } from 'prom-client';
import type { RedoObserver } from '../board/redo.ts';
import { tally } from './tally.ts';

export function redoObserver(registry: Registry): RedoObserver {
  const ticks = tally(registry, {
    name: 'photofinish_tick_redo_total',
    help: 'Acked ticks that a season may have lost, by what came of them. applied: done again. repeated: the season had them. replaced: a final or a newer match stands in their place. lost: could not be done again. dropped: forgotten before they were in Postgres, because REDO_TICKS_MAX was reached.',
    label: 'outcome',
    values: ['applied', 'repeated', 'replaced', 'lost', 'dropped'],
  });
  return {
    redone(count) {
      ticks.applied += count.applied;
      ticks.repeated += count.repeated;
      ticks.replaced += count.replaced;
      ticks.lost += count.lost;
    },
    dropped(count) {
      ticks.dropped += count;
    },
  };
}

export function redoGauge(registry: Registry, kept: () => number): void {
  new Gauge({
    name: 'photofinish_tick_redo_kept_ticks',
    help: 'Acked ticks that this server could apply again: those that no flush watermark has passed, coalesced.',
    registers: [registry],
    collect() {
      this.set(kept());
    },
  });
}
