/** The composition root: builds every part, and lists the order in which they start. They stop in its mirror.
 *
 *    redis, postgres      what all else stands on; refused at once when they cannot keep what is promised
 *    catalogue            boards and seasons known
 *    flusher              dirty entries of an earlier run are written before new ones come
 *    reconciler           what drifted apart is put right
 *    evictor              idle seasons leave memory
 *    seasons, finals      boundaries and repairs
 *    gateway, http        the doors, last to open and first to close
 *
 *  Stopping therefore closes the doors, answers what is under way, flushes, and only then lets go of the databases. */
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Board } from '@photofinish/shared/domain/board';
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import { mintToken, TokenVerifier } from './auth/tokens.ts';
import { Barrier } from './board/barrier.ts';
import { Catalogue } from './board/catalogue.ts';
import { Durability } from './board/durability.ts';
import { Finals } from './board/finals.ts';
import { StartupGuarantee } from './board/guarantee.ts';
import { KeptTicks } from './board/kept-ticks.ts';
import { Matches } from './board/matches.ts';
import { Reads } from './board/reads.ts';
import { Redo } from './board/redo.ts';
import { RedoWatch } from './board/redo-watch.ts';
import { type AckProver, TickAcks } from './board/tick-acks.ts';
import { TickIntake } from './board/tick-intake.ts';
import { ensureBoards } from './boards-file.ts';
import type { Config } from './config.ts';
import type { DirtyQueue } from './flush/dirty-queue.ts';
import { Evictor } from './flush/evictor.ts';
import { Flusher } from './flush/flusher.ts';
import { Leftovers } from './flush/leftovers.ts';
import { Reconciler } from './flush/reconciler.ts';
import { checkRun, guardedQueue } from './flush/rollback-watch.ts';
import { Warmer } from './flush/warmer.ts';
import { buildApp } from './http/app.ts';
import { createHttpServer, type Listening, listen } from './http/listen.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Log } from './observe/log.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { PostgresBoardStore } from './postgres/board-store.ts';
import { openPostgres, type Postgres } from './postgres/connections.ts';
import { PostgresFinalsStore } from './postgres/finals-store.ts';
import { PostgresImportStore } from './postgres/import-store.ts';
import { PostgresSettlementStore } from './postgres/settlement-store.ts';
import { PostgresSnapshotScan } from './postgres/snapshot-scan.ts';
import { PostgresSnapshotStore } from './postgres/snapshot-store.ts';
import { RedisAckProver } from './redis/ack-prover.ts';
import { openRedis } from './redis/connections.ts';
import { RedisDirtyQueue } from './redis/dirty-queue.ts';
import { RedisLiveBoard } from './redis/live-board.ts';
import { RedisLiveBuilder } from './redis/live-builder.ts';
import { RedisLiveScan } from './redis/live-scan.ts';
import { RedisSeasonMemory } from './redis/season-memory.ts';
import { RedisWarmSeasons } from './redis/warm-seasons.ts';
import { SeasonImport } from './season/season-import.ts';
import { SeasonLife } from './season/season-life.ts';
import { Settling } from './settle/settlement.ts';
import { assertPostgres, assertRedis } from './startup.ts';
import { Gateway } from './ws/gateway.ts';

/** How late a board or a season that another server made is noticed; also how often a flusher looks for new seasons. */
const REFRESH_MS = 1_000;
/** How late a season that lost its memory is noticed while no tick of it comes. */
const REDO_LOOK_MS = 500;
const WARM_DEADLINE_MS = 10_000;
/** Part of the shutdown time that the doors may take before the flush must begin. */
const DOORS_SHARE = 0.4;

export interface Server {
  /** @throws Error that says what to set or start, when this server could not keep what it promises */
  start(): Promise<Listening>;
  /** Drains and stops. @returns the parts that did not stop cleanly */
  stop(): Promise<string[]>;
}

/** Parts that a composition other than main's may replace: nothing in the configuration can. */
export interface Parts {
  dirtyQueue?: (redis: Redis) => DirtyQueue;
}

export function compose(config: Config, boards: readonly Board[], log: Log, parts: Parts = {}): Server {
  const clock = Date.now;
  const metrics = createMetrics({ processMetrics: true });
  const guarantee = new StartupGuarantee();
  const ticksRedis = openRedis({
    url: config.redisUrl,
    commandTimeoutMs: config.redisTimeoutMs,
    name: 'ticks',
    log,
  });
  const flushRedis = openRedis({
    url: config.redisUrl,
    commandTimeoutMs: config.redisTimeoutMs,
    name: 'flusher',
    log,
  });
  const postgres = openPostgres({
    url: config.databaseUrl,
    max: config.databaseConnectionsMax,
    statementTimeoutMs: config.databaseTimeoutMs,
    name: 'photofinish',
    log,
  });
  const prover = new RedisAckProver({
    redis: flushRedis,
    open: (name) =>
      openRedis({
        url: config.redisUrl,
        commandTimeoutMs: config.ackTimeoutMs + config.redisTimeoutMs,
        name,
        log,
      }),
    timeoutMs: config.ackTimeoutMs,
  });
  const core = composeCore({ config, clock, log, metrics, ticksRedis, flushRedis, prover, postgres, parts });
  const doors = composeDoors({ config, clock, log, metrics, core, guarantee, ticksRedis, postgres });
  metrics.watchRedo(() => core.redo.size);
  metrics.watchGuarantee(guarantee);
  metrics.watchWindows(() => core.windows());
  metrics.watchSubscriptions(() => doors.subscriptions());

  const lifecycle = new Lifecycle(
    [
      {
        name: 'redis',
        start: () => assertRedis({ config, log, guarantee }, ticksRedis, flushRedis),
        stop: () => {
          prover.stop();
          ticksRedis.disconnect();
          flushRedis.disconnect();
        },
      },
      {
        name: 'postgres',
        start: () => assertPostgres({ config, log, guarantee }, postgres),
        stop: (ms) => postgres.close(ms),
      },
      {
        name: 'catalogue',
        start: async () => {
          await core.catalogue.start();
          await ensureBoards(boards, { store: core.boardStore, catalogue: core.catalogue, log });
          await core.acks.report(await core.catalogue.boards());
        },
        stop: () => core.catalogue.stop(),
      },
      {
        name: 'flusher',
        start: () => {
          void core.checkRuns();
          return core.flusher.start();
        },
        stop: (ms) => core.flusher.stop(ms * 0.9),
      },
      { name: 'reconciler', start: () => core.reconciler.start(), stop: () => core.reconciler.stop() },
      { name: 'evictor', start: () => core.evictor.start(), stop: () => core.evictor.stop() },
      { name: 'seasons', start: () => core.life.start(), stop: () => core.life.stop() },
      {
        name: 'finals',
        start: () => core.finals.start(),
        stop: async () => {
          core.finals.stop();
          await core.finals.drain();
        },
      },
      {
        name: 'ticks',
        start: () => core.redoWatch.start(),
        stop: () => {
          core.redoWatch.stop();
          return core.intake.drain();
        },
      },
      { name: 'http', start: doors.listen, stop: (ms) => doors.close(ms * DOORS_SHARE) },
      { name: 'gateway', stop: () => doors.drain() },
    ],
    { log, stopWithinMs: config.shutdownTimeoutMs },
  );
  return {
    async start() {
      await lifecycle.start();
      return doors.listening();
    },
    stop: () => lifecycle.stop(),
  };
}

interface CoreDeps {
  config: Config;
  clock: () => number;
  log: Log;
  metrics: Metrics;
  ticksRedis: Redis;
  flushRedis: Redis;
  prover: AckProver;
  postgres: Postgres;
  parts: Parts;
}

type Core = ReturnType<typeof composeCore>;

function composeCore(deps: CoreDeps) {
  const { config, clock, log, metrics, ticksRedis, flushRedis, prover, postgres, parts } = deps;
  const boardStore = new PostgresBoardStore(postgres);
  const snapshot = new PostgresSnapshotStore(postgres);
  const live = new RedisLiveBoard(ticksRedis);
  const acks = new TickAcks({
    prover,
    commit: (season, position) =>
      flusher.reach(season, {
        position,
        cause: 'through',
        deadline: performance.now() + config.databaseTimeoutMs,
      }),
    clock,
    log,
  });
  const warmSeasons = new RedisWarmSeasons(flushRedis);
  const leftovers = new Leftovers(warmSeasons, log);
  const catalogue = new Catalogue({
    store: boardStore,
    leftovers: () => leftovers.ids(),
    clock,
    log,
    refreshMs: REFRESH_MS,
    assertPossible: (board) => acks.assertPossible(board),
    // Built now, so that its first tick does not wait for it. If this fails, the first tick builds it.
    onOpened: (season) => {
      void acks.report([season.board]);
      void warmer
        .warm(season)
        .catch((error) => log.warn({ err: error, season: season.id }, 'new season not warm yet'));
    },
  });
  const warmer = new Warmer({
    builder: new RedisLiveBuilder(flushRedis),
    store: snapshot,
    seasonOf: async (id) => (await boardStore.findSeason(id)) ?? catalogue.season(id),
    log,
    deadlineMs: WARM_DEADLINE_MS,
  });
  const liveSeasons = () => Promise.all(catalogue.liveSeasons().map((season) => catalogue.live(season)));
  const flushing = {
    queue: guardedQueue({
      queue: parts.dirtyQueue?.(flushRedis) ?? new RedisDirtyQueue(flushRedis),
      store: snapshot,
      warmer,
    }),
    clock,
    log,
    owner: `${hostname()}.${process.pid}.${nanoid(6)}`,
    leaseMs: config.flushLeaseMs,
    random: Math.random,
    liveSeasons,
  };
  const flusher = new Flusher({
    ...flushing,
    store: snapshot,
    observer: metrics.flush,
    sweepMs: REFRESH_MS,
  });
  const reconciler = new Reconciler({
    ...flushing,
    live: new RedisLiveScan(flushRedis),
    snapshot: new PostgresSnapshotScan(postgres),
    observer: metrics.reconcile,
    intervalMs: config.reconcileIntervalMs,
  });
  const evictor = new Evictor({
    ...flushing,
    live,
    warm: warmSeasons,
    flusher,
    observer: metrics.eviction,
    idleMs: config.evictIdleMs,
  });
  const life = new SeasonLife({ store: boardStore, catalogue, live, flusher, clock, log });
  const redo = new Redo({ live, log, observer: metrics.redo, ticksMax: config.redoTicksMax });
  const intake = new TickIntake({
    ticks: new KeptTicks({ live, warmer, redo }),
    acks,
    clock,
    log,
    observer: metrics.ticks,
    onDirty: (season, dirty) => flusher.dirtied(season, dirty),
    onNotOpen: () => void catalogue.refresh().catch(() => undefined),
  });
  const redoWatch = new RedoWatch({ redo, intake, store: snapshot, log, intervalMs: REDO_LOOK_MS });
  const finals = new Finals({
    store: new PostgresFinalsStore(postgres),
    live,
    warmer,
    catalogue,
    clock,
    log,
    observer: metrics.finals,
    onMatchEnd: (season) => flusher.nudge(season, 'match-end'),
  });
  const matches = new Matches({ store: boardStore, catalogue, clock });
  const reads = new Reads({ catalogue, live, snapshot, warmer, clock, log });
  const durability = new Durability({ catalogue, reads, redo });
  const barrier = new Barrier({
    ...{ catalogue, intake, live, flusher, store: snapshot, log },
    withinMs: config.databaseTimeoutMs,
  });
  const settling = new Settling({
    store: new PostgresSettlementStore(postgres),
    seasons: boardStore,
    catalogue,
    life,
    clock,
  });
  /** Whether Redis may have gone back in time since the seasons were built. */
  const checkRuns = async () => checkRun(await liveSeasons(), { warmer, log });
  flushRedis.on('ready', () => void checkRuns());
  const imports = new SeasonImport({
    store: new PostgresImportStore(postgres),
    memory: new RedisSeasonMemory(flushRedis),
    catalogue,
    flusher,
    log,
  });
  const windows = () => Promise.all(catalogue.liveSeasons().map((season) => reads.window(season.id)));
  return {
    acks,
    boardStore,
    catalogue,
    flusher,
    reconciler,
    evictor,
    life,
    redo,
    redoWatch,
    intake,
    finals,
    matches,
    reads,
    durability,
    barrier,
    settling,
    imports,
    windows,
    checkRuns,
  };
}

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

function composeDoors({ config, clock, log, metrics, core, guarantee, ticksRedis, postgres }: DoorDeps) {
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
