import { Gauge, type Registry } from 'prom-client';
import type { FinalsObserver } from '../board/finals.ts';
import { tally } from './tally.ts';

export function finalsObserver(registry: Registry): FinalsObserver {
  const finals = tally(registry, {
    name: 'photofinish_final_finals_total',
    help: 'Finals by what came of them. stored: committed now. duplicate: committed before with the same score. refused: by their match, season or an earlier final. failed: Postgres failed or its answer was lost.',
    label: 'outcome',
    values: ['stored', 'duplicate', 'refused', 'failed'],
  });
  const pending = new Gauge({
    name: 'photofinish_final_pending_finals',
    help: 'Committed finals that Redis lacked when the repair last looked.',
    registers: [registry],
  });
  return {
    stored(count, duplicates) {
      finals.stored += count - duplicates;
      finals.duplicate += duplicates;
    },
    refused(count) {
      finals.refused += count;
    },
    failed(count) {
      finals.failed += count;
    },
    pending(count) {
      pending.set(count);
    },
  };
}
