/** Builds what raises and sends alerts: a part of the composition root. */
import type { LiveBoard, LiveSeason } from './board/live-board.ts';
import type { Config } from './config.ts';
import { AlertWatch } from './flush/alert-watch.ts';
import type { FlushFailureStore } from './flush/flush-failure-store.ts';
import { AlertWebhook } from './observe/alert-webhook.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';

interface Deps {
  config: Config;
  clock: () => number;
  log: Log;
  metrics: Metrics;
  live: LiveBoard;
  liveSeasons: () => Promise<LiveSeason[]>;
  parking: FlushFailureStore;
  /** This server's name in messages. */
  server: string;
}

export function composeAlerts({ config, clock, log, metrics, server, ...watched }: Deps) {
  const { alertWebhookUrl: url, alertWebhookSecret: secret } = config;
  const webhook =
    url && secret ? new AlertWebhook({ url, secret, log, clock, random: Math.random }) : undefined;
  const alarm = metrics.alerts({ log, clock, server, send: (notice) => webhook?.send(notice) });
  const watch = new AlertWatch({ ...watched, alarm, clock, log });
  return {
    alarm,
    start: () => watch.start(),
    windows: () => watch.windows(),
    async stop(withinMs: number): Promise<void> {
      watch.stop();
      await webhook?.stop(withinMs);
    },
  };
}
