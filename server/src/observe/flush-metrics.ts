import { Gauge, Histogram, type Registry } from 'prom-client';
import { FLUSH_CAUSES, type FlushObserver } from '../flush/season-flusher.ts';
import { tally } from './tally.ts';

/** One live season's window, as measured when asked. */
export interface SeasonWindow {
  dirty: number;
  oldestDirtyMs: number;
}

/** A scrape must answer although Redis does not. */
const WINDOW_TIMEOUT_MS = 1_000;

export function flushObserver(registry: Registry): FlushObserver {
  const passes = tally(registry, {
    name: 'photofinish_flush_passes_total',
    help: 'Flushes that wrote something, by what asked for them.',
    label: 'cause',
    values: FLUSH_CAUSES,
  });
  const failures = tally(registry, {
    name: 'photofinish_flush_failures_total',
    help: 'Flushes that failed; their entries stay claimed and are tried again.',
    label: 'cause',
    values: FLUSH_CAUSES,
  });
  const rows = tally(registry, {
    name: 'photofinish_flush_rows_total',
    help: 'Snapshot rows sent to Postgres. refused: Postgres had a newer one; expected only after a takeover. parked: Postgres refuses what it holds, and it is kept in flush_failures.',
    label: 'result',
    values: ['written', 'refused', 'parked'],
  });
  const transactions = tally(registry, {
    name: 'photofinish_flush_transactions_total',
    help: 'Transactions that flushes committed.',
    label: 'result',
    values: ['committed'],
  });
  const seconds = new Histogram({
    name: 'photofinish_flush_pass_seconds',
    help: 'Time of one flush of one season, from claim to ack.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return {
    flushed(pass) {
      passes[pass.cause]++;
      rows.written += pass.rows - pass.refused - pass.parked.length;
      rows.parked += pass.parked.length;
      rows.refused += pass.refused;
      transactions.committed += pass.batches;
      seconds.observe(pass.ms / 1_000);
    },
    failed(cause) {
      failures[cause]++;
    },
  };
}

/** The consistency window over all live seasons, asked at each scrape. */
export function windowGauges(registry: Registry, windows: () => Promise<readonly SeasonWindow[]>): void {
  let asking: Promise<readonly SeasonWindow[]> | undefined;
  const ask = () => {
    // Both gauges are collected in the same turn and share one question.
    asking ??= within(windows(), WINDOW_TIMEOUT_MS).finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const gauge = (name: string, help: string, value: (all: readonly SeasonWindow[]) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await ask().then(value, () => Number.NaN));
      },
    });
  gauge(
    'photofinish_flush_oldest_dirty_seconds',
    'The consistency window: age of the oldest change that is in Redis and not yet in Postgres, over all live seasons. 0 when there is none, NaN while Redis cannot be asked.',
    (all) => Math.max(0, ...all.map((window) => window.oldestDirtyMs)) / 1_000,
  );
  gauge(
    'photofinish_flush_dirty_entries',
    'Entries in Redis that are not yet in Postgres, over all live seasons. NaN while Redis cannot be asked.',
    (all) => all.reduce((sum, window) => sum + window.dirty, 0),
  );
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
