import type { Registry } from 'prom-client';
import type { FlagObserver } from '../board/final-check.ts';
import { FLAG_KINDS } from '../board/flag-store.ts';
import { tally } from './tally.ts';

export function flagObserver(registry: Registry): FlagObserver {
  const flags = tally(registry, {
    name: 'photofinish_final_flags_total',
    help: "Flags raised by this server, by kind. final-tolerance: a final further from the last tick of its match than the board's finals.tolerance.",
    label: 'kind',
    values: FLAG_KINDS,
  });
  return {
    raised(kind, count) {
      flags[kind] += count;
    },
  };
}
