import { Gauge, Histogram, type Registry } from 'prom-client';
import { DRIFT_KINDS } from '../flush/reconcile.ts';
import type { ReconcileObserver } from '../flush/reconciler.ts';
import { tally } from './tally.ts';

export function reconcileObserver(registry: Registry): ReconcileObserver {
  const passes = tally(registry, {
    name: 'photofinish_reconcile_passes_total',
    help: 'Comparisons of a season in Redis with its snapshot. cold, moved: cut short, nothing to compare with; failed: a side did not answer.',
    label: 'result',
    values: ['clean', 'drift', 'cold', 'moved', 'failed'],
  });
  const found = tally(registry, {
    name: 'photofinish_reconcile_found_total',
    help: 'Differences between Redis and the snapshot that no flush under way explains, by kind.',
    label: 'kind',
    values: DRIFT_KINDS,
  });
  const entries = tally(registry, {
    name: 'photofinish_reconcile_entries_total',
    help: 'Entries that were compared, left out because a flush had yet to write them, or repaired.',
    label: 'result',
    values: ['compared', 'left_out', 'repaired'],
  });
  const drift = new Gauge({
    name: 'photofinish_reconcile_drift_entries',
    help: 'Entries that had drifted in the last complete comparison of each season that this server flushes. They were repaired then: above 0 means that something is losing writes.',
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'photofinish_reconcile_pass_seconds',
    help: 'Time spent on one comparison of one season.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60],
    registers: [registry],
  });
  return {
    passed({ found: pass, ms }) {
      const drifted = DRIFT_KINDS.some((kind) => pass.counts[kind] > 0);
      passes[drifted ? 'drift' : pass.kind === 'compared' ? 'clean' : pass.kind]++;
      for (const kind of DRIFT_KINDS) found[kind] += pass.counts[kind];
      entries.compared += pass.entries + pass.rows;
      entries.left_out += pass.leftOut;
      entries.repaired += pass.repaired;
      seconds.observe(ms / 1_000);
    },
    drift: (count) => drift.set(count),
    failed() {
      passes.failed++;
    },
  };
}
