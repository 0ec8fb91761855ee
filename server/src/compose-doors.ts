/** Builds what the world talks to, HTTP and WebSocket, on the core: a part of the composition root. */
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { mintToken, TokenVerifier } from './auth/tokens.ts';
import type { StartupGuarantee } from './board/guarantee.ts';
import type { Core } from './compose-core.ts';
import type { Config } from './config.ts';
import { buildApp } from './http/app.ts';
import { createHttpServer, type Listening, listen } from './http/listen.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import type { Postgres } from './postgres/connections.ts';
import { Gateway } from './ws/gateway.ts';

/** Part of the shutdown time that the doors may take before the flush must begin. */
export const DOORS_SHARE = 0.4;

interface DoorDeps {
  config: Config;
  clock: () => number;
  log: Log;
  metrics: Metrics;
  core: Core;
  guarantee: StartupGuarantee;
  ticksRedis: Redis;
  postgres: Postgres;
}

export function composeDoors({
  config,
  clock,
  log,
  metrics,
  core,
  guarantee,
  ticksRedis,
  postgres,
}: DoorDeps) {
  const { jwtSecret: secret, jwtIssuer: issuer, jwtAudience: audience } = config;
  const tokens = new TokenVerifier({ secret, jwksUrl: config.jwtJwksUrl, issuer, audience });
  let draining = false;
  const gateway = new Gateway({
    ...core,
    verify: (token: string) => tokens.verify(token),
    limits: {
      connectionsMax: config.connectionsMax,
      requestsPerSecondMax: config.requestsPerSecondMax,
      outboxBytesMax: config.outboxBytesMax,
      subscriptionIntervalMs: config.subscriptionIntervalMs,
      drainTimeoutMs: config.shutdownTimeoutMs * DOORS_SHARE,
    },
    clock,
    log,
    observer: metrics.gateway,
  });
  const app = buildApp({
    ...core,
    seasons: core.life,
    flusher: {
      async drain(season, cause, withinMs) {
        await core.redoWatch.makeWhole(season);
        await core.flusher.drain(season, cause, withinMs);
      },
    },
    tokens,
    viewerToken:
      config.publicPage && secret !== undefined
        ? (of) => mintToken({ secret, role: 'viewer', ...of, issuer, audience })
        : undefined,
    health: {
      checks: { redis: () => ticksRedis.ping(), postgres: () => postgres.read(({ sql }) => sql`select 1`) },
      draining: () => draining,
    },
    guarantee,
    metrics,
    observer: metrics.http,
    log,
    clock,
    pageDirectory: fileURLToPath(new URL('../dist/web', import.meta.url)),
    requestsPerSecondMax: config.httpRequestsPerSecondMax,
    proxyHops: config.proxyHops,
  });
  const server = createHttpServer(app);
  gateway.attach(server);
  let at: Listening | undefined;
  return {
    async listen(): Promise<void> {
      at = await listen(server, { host: config.host, port: config.port });
    },
    listening(): Listening {
      if (!at) throw new Error('not listening yet');
      return at;
    },
    subscriptions: () => gateway.subscriptions,
    drain(): Promise<void> {
      draining = true;
      return gateway.drain();
    },
    close: async (withinMs: number) => at?.stop(withinMs),
  };
}
