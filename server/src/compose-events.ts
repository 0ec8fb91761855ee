/** Builds what delivers season events: a part of the composition root. */
import type { Config } from './config.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import { postSigned } from './observe/signed-post.ts';
import type { SeasonEventStore } from './season/season-event-store.ts';
import { SeasonEvents } from './season/season-events.ts';

interface Deps {
  config: Config;
  clock: () => number;
  log: Log;
  metrics: Metrics;
  store: SeasonEventStore;
}

/** undefined where no receiver is configured: events are recorded, and wait. */
export function composeEvents({ config, clock, log, metrics, store }: Deps): SeasonEvents | undefined {
  const { eventWebhookUrl: url, eventWebhookSecret: secret } = config;
  if (!url || !secret) return undefined;
  return new SeasonEvents({
    ...{ store, clock, log, random: Math.random, observer: metrics.seasonEvents },
    send: (body, signal) => postSigned({ url, secret, clock }, body, signal),
  });
}
