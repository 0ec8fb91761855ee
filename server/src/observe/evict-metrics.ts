import type { Registry } from 'prom-client';
import { EVICTION_CAUSES, type EvictionObserver } from '../flush/evictor.ts';
import { tally } from './tally.ts';

export function evictionObserver(registry: Registry): EvictionObserver {
  const seasons = tally(registry, {
    name: 'photofinish_evict_seasons_total',
    help: 'Seasons that this server flushed and took out of Redis. idle: nothing had changed for EVICT_IDLE_MS; closed: nothing changes any more.',
    label: 'cause',
    values: EVICTION_CAUSES,
  });
  return {
    evicted(cause) {
      seasons[cause]++;
    },
  };
}
