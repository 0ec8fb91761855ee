/** The server's metrics: one registry, and one observer per part that has something to count.
 *
 *  The parts declare what they tell (`FlushObserver`, `TickObserver`, …) and know nothing of Prometheus; compose hands
 *  them these. No label holds an id: labels are outcomes, causes and route patterns, so the number of series is fixed. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Guarantee } from '../board/guarantee.ts';
import { Alerts } from './alerts.ts';
import { evictionObserver } from './evict-metrics.ts';
import { finalsObserver } from './finals-metrics.ts';
import { flagObserver } from './flag-metrics.ts';
import { flushObserver, type SeasonWindow, windowGauges } from './flush-metrics.ts';
import { gatewayObserver, subscriptionGauge } from './gateway-metrics.ts';
import { guaranteeGauge } from './guarantee-metrics.ts';
import { httpObserver } from './http-metrics.ts';
import { matchObserver } from './match-metrics.ts';
import { reconcileObserver } from './reconcile-metrics.ts';
import { redoGauge, redoObserver } from './redo-metrics.ts';
import { boundaryClockGauge, seasonEventObserver, seasonObserver } from './season-metrics.ts';
import { tickObserver } from './tick-metrics.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** Process metrics start timers and observers of their own: once per process. */
export function createMetrics(of: { processMetrics: boolean }) {
  const registry = new Registry();
  if (of.processMetrics) collectDefaultMetrics({ register: registry });
  return {
    flush: flushObserver(registry),
    reconcile: reconcileObserver(registry),
    eviction: evictionObserver(registry),
    ticks: tickObserver(registry),
    redo: redoObserver(registry),
    finals: finalsObserver(registry),
    flags: flagObserver(registry),
    matches: matchObserver(registry),
    seasons: seasonObserver(registry),
    seasonEvents: seasonEventObserver(registry),
    gateway: gatewayObserver(registry),
    http: httpObserver(registry),
    /** Adds the metrics of alerts. Once. */
    alerts: (deps: ConstructorParameters<typeof Alerts>[1]) => new Alerts(registry, deps),
    /** Adds the gauge of what redo keeps. Once, when the core is there. */
    watchRedo: (kept: () => number) => redoGauge(registry, kept),
    /** Adds the gauges of the consistency window; `windows` measures every live season now. Once, when the core is there. */
    watchWindows: (windows: () => Promise<readonly SeasonWindow[]>) => windowGauges(registry, windows),
    /** Adds the gauge of the boundary clock. Once, when the core is there. */
    watchBoundaryClock: (offsetMs: () => number) => boundaryClockGauge(registry, offsetMs),
    /** Adds the gauge of subscriptions. Once, when the gateway is there. */
    watchSubscriptions: (subscriptions: () => number) => subscriptionGauge(registry, subscriptions),
    /** Adds the gauge of what was accepted at start. Once. */
    watchGuarantee: (guarantee: Guarantee) => guaranteeGauge(registry, guarantee),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
