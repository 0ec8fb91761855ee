import { Counter, Gauge, type Registry } from 'prom-client';
import type { BoundaryObserver } from '../season/boundaries.ts';
import { EVENT_OUTCOMES, type SeasonEventObserver } from '../season/season-events.ts';
import { tally } from './tally.ts';

export function seasonObserver(registry: Registry): BoundaryObserver {
  const registers = [registry];
  const boundaries = new Counter({
    ...{ name: 'photofinish_season_boundaries_total', registers },
    help: 'Boundaries at which this server ended or opened seasons.',
  });
  const late = new Gauge({
    ...{ name: 'photofinish_season_boundary_late_seconds', registers },
    help: 'How long after its time this server began with its last boundary; after downtime as long as that took.',
  });
  return {
    rolledOver({ lateMs }) {
      boundaries.inc();
      late.set(lateMs / 1_000);
    },
  };
}

/** @param offsetMs how far the database's clock is ahead of this server's */
export function boundaryClockGauge(registry: Registry, offsetMs: () => number): void {
  new Gauge({
    name: 'photofinish_season_clock_offset_seconds',
    help: "How far the database's clock, which decides when seasons end, is ahead of this server's.",
    registers: [registry],
    collect() {
      this.set(offsetMs() / 1_000);
    },
  });
}

export function seasonEventObserver(registry: Registry): SeasonEventObserver {
  const outcomes = tally(registry, {
    name: 'photofinish_season_events_total',
    help: 'Attempts to deliver season events. failed: tried again later; given-up: left for an admin after three days.',
    label: 'outcome',
    values: EVENT_OUTCOMES,
  });
  return {
    sent(outcome) {
      outcomes[outcome]++;
    },
  };
}
