/** Builds the core on its stores: a part of the composition root. */
import { hostname } from 'node:os';
import type { Board } from '@photofinish/shared/domain/board';
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import { Barrier } from './board/barrier.ts';
import { BoardAdmin } from './board/board-admin.ts';
import { Catalogue } from './board/catalogue.ts';
import { Durability } from './board/durability.ts';
import { FinalCheck } from './board/final-check.ts';
import { Finals } from './board/finals.ts';
import { Flags } from './board/flags.ts';
import { KeptTicks } from './board/kept-ticks.ts';
import { MatchDoors } from './board/match-doors.ts';
import { MatchKeeper } from './board/match-keeper.ts';
import { Matches } from './board/matches.ts';
import { NamedReads } from './board/named-reads.ts';
import { PlayerHiding } from './board/player-hiding.ts';
import { Pressure } from './board/pressure.ts';
import { Redo } from './board/redo.ts';
import { RedoWatch } from './board/redo-watch.ts';
import { type AckProver, TickAcks } from './board/tick-acks.ts';
import { TickIntake } from './board/tick-intake.ts';
import { Watermarks } from './board/watermarks.ts';
import { composeAlerts } from './compose-alerts.ts';
import { composeEvents } from './compose-events.ts';
import { composePlayers } from './compose-players.ts';
import type { Config } from './config.ts';
import { Breaker } from './flush/breaker.ts';
import type { DirtyQueue } from './flush/dirty-queue.ts';
import { Evictor } from './flush/evictor.ts';
import { FlushFailures } from './flush/flush-failures.ts';
import { Flusher } from './flush/flusher.ts';
import { Leftovers } from './flush/leftovers.ts';
import { LevelsWatch } from './flush/levels-watch.ts';
import { Reconciler } from './flush/reconciler.ts';
import { checkRun, guardedQueue } from './flush/rollback-watch.ts';
import { Warmer } from './flush/warmer.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import { PostgresAuditStore } from './postgres/audit-store.ts';
import { PostgresBoardStore } from './postgres/board-store.ts';
import type { Postgres } from './postgres/connections.ts';
import { PostgresExportStore } from './postgres/export-store.ts';
import { PostgresFinalsStore } from './postgres/finals-store.ts';
import { PostgresFlagStore } from './postgres/flag-store.ts';
import { PostgresFlushFailureStore } from './postgres/flush-failure-store.ts';
import { PostgresHidingStore } from './postgres/hiding-store.ts';
import { PostgresImportStore } from './postgres/import-store.ts';
import { PostgresMatchLifeStore } from './postgres/match-life-store.ts';
import { PostgresMatchPlayersStore } from './postgres/match-players-store.ts';
import { PostgresPastStandings } from './postgres/past-standings-store.ts';
import { PostgresRankedReads } from './postgres/ranked-reads.ts';
import { RememberingSnapshotStore } from './postgres/remembering-snapshot-store.ts';
import { PostgresSeasonEventStore } from './postgres/season-event-store.ts';
import { PostgresSettlementStore } from './postgres/settlement-store.ts';
import { PostgresSnapshotScan } from './postgres/snapshot-scan.ts';
import { PostgresSnapshotStore } from './postgres/snapshot-store.ts';
import { RedisDirtyQueue } from './redis/dirty-queue.ts';
import { RedisLiveAbandon } from './redis/live-abandon.ts';
import { RedisLiveBoard } from './redis/live-board.ts';
import { RedisLiveBuilder } from './redis/live-builder.ts';
import { RedisLiveHiding } from './redis/live-hiding.ts';
import { RedisLiveScan } from './redis/live-scan.ts';
import { RedisWarmSeasons } from './redis/warm-seasons.ts';
import { Boundaries } from './season/boundaries.ts';
import { BoundaryClock } from './season/boundary-clock.ts';
import { PastReads } from './season/past-standings.ts';
import { assertSchedule } from './season/schedule.ts';
import { SeasonExports } from './season/season-export.ts';
import { SeasonImport } from './season/season-import.ts';
import { SeasonLife } from './season/season-life.ts';
import { Settling } from './settle/settlement.ts';

/** How late a board or a season that another server made is noticed; also how often a flusher looks for new seasons. */
const REFRESH_MS = 1_000;
/** How late a season that lost its memory is noticed while no tick of it comes. */
const REDO_LOOK_MS = 500;
const PROBE_TIMEOUT_MS = 2_000;
const WARM_DEADLINE_MS = 10_000;

/** Parts that a composition other than main's may replace: nothing in the configuration can. */
export interface Parts {
  dirtyQueue?: (redis: Redis) => DirtyQueue;
}

export interface CoreDeps {
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

export type Core = ReturnType<typeof composeCore>;

export function composeCore(deps: CoreDeps) {
  const { config, clock, log, metrics, ticksRedis, flushRedis, prover, postgres, parts } = deps;
  const boardStore = new PostgresBoardStore(postgres);
  const snapshot = new PostgresSnapshotStore(postgres);
  const hidingStore = new PostgresHidingStore(postgres);
  const live = new RedisLiveBoard(ticksRedis);
  const acks = new TickAcks({
    prover,
    commit: (season, position) =>
      flusher.reach(season, {
        position,
        cause: 'through',
        deadline: performance.now() + config.databaseTimeoutMs,
      }),
    parked: (season, players) => parking.among(season.id, players),
    clock,
    log,
  });
  const warmSeasons = new RedisWarmSeasons(flushRedis);
  const leftovers = new Leftovers(warmSeasons, log);
  const boundaryClock = new BoundaryClock(clock);
  const matchPlayers = new PostgresMatchPlayersStore(postgres);
  const doors = new MatchDoors({
    store: { join: (entries, at) => breaker.guard(() => matchPlayers.join(entries, at)) },
    clock,
  });
  const catalogue = new Catalogue({
    store: boardStore,
    doorOf: (match) => doors.of(match),
    leftovers: () => leftovers.ids(),
    clock,
    log,
    refreshMs: REFRESH_MS,
    boundaryClock: boundaryClock.now,
    rollOver: (board) => boundaries.rollOver(board),
    // Built now, so that its first tick does not wait for it. If this fails, the first tick builds it.
    onOpened: (season) => {
      void acks.report([season.board]);
      void warmer
        .warm(season)
        .catch((error) => log.warn({ err: error, season: season.id }, 'new season not warm yet'));
    },
  });
  const assertPossible = async (board: Board) => {
    assertSchedule(board);
    await acks.assertPossible(board);
  };
  const boards = new BoardAdmin({ store: boardStore, catalogue, assertPossible, clock });
  const builder = new RedisLiveBuilder(flushRedis);
  const warmer = new Warmer({
    builder,
    store: snapshot,
    hiding: hidingStore,
    seasonOf: async (id) => (await boardStore.findSeason(id)) ?? catalogue.season(id),
    log,
    deadlineMs: WARM_DEADLINE_MS,
  });
  const parking = new PostgresFlushFailureStore(postgres);
  const owner = `${hostname()}.${process.pid}.${nanoid(6)}`;
  const liveSeasons = () => Promise.all(catalogue.liveSeasons().map((season) => catalogue.live(season)));
  const watched = { live, liveSeasons, parking, server: owner };
  const alerts = composeAlerts({ config, clock, log, metrics, ...watched });
  const pressure = new Pressure(metrics.ticks);
  const breaker = new Breaker({
    probe: () => postgres.read(({ sql }) => sql`select 1`, PROBE_TIMEOUT_MS),
    random: Math.random,
    log,
  });
  // Another queue stands alone: the guard's merges would mend what a faulty one loses.
  const queue =
    parts.dirtyQueue?.(flushRedis) ??
    guardedQueue({
      queue: new RedisDirtyQueue(flushRedis),
      store: {
        watermark: (id) => breaker.guard(() => snapshot.watermark(id)),
        epoch: (id) => breaker.guard(() => snapshot.epoch(id)),
      },
      warmer,
    });
  const flushing = {
    queue,
    clock,
    log,
    owner,
    leaseMs: config.flushLeaseMs,
    random: Math.random,
    liveSeasons,
  };
  const flusher = new Flusher({
    ...flushing,
    store: { write: (chunk) => breaker.guard(() => snapshot.write(chunk)) },
    breaker,
    alarm: alerts.alarm,
    parking,
    observer: {
      flushed(pass) {
        metrics.flush.flushed(pass);
        pressure.flushed(pass);
      },
      failed(cause) {
        metrics.flush.failed(cause);
        pressure.failed();
      },
    },
    sweepMs: REFRESH_MS,
  });
  const reconciler = new Reconciler({
    ...flushing,
    live: new RedisLiveScan(flushRedis),
    snapshot: new PostgresSnapshotScan(postgres),
    observer: metrics.reconcile,
    alarm: alerts.alarm,
    intervalMs: config.reconcileIntervalMs,
  });
  const evictor = new Evictor({
    ...flushing,
    live,
    warm: warmSeasons,
    parking,
    flusher,
    observer: metrics.eviction,
    idleMs: config.evictIdleMs,
  });
  const life = new SeasonLife({ store: boardStore, catalogue, live, flusher, clock, log });
  const hiding = new PlayerHiding({
    ...{ store: hidingStore, live: new RedisLiveHiding(flushRedis), catalogue, liveSeasons, log },
  });
  const levels = new LevelsWatch({ builder, warmer, liveSeasons, log });
  const seasonEvents = new PostgresSeasonEventStore(postgres);
  const events = composeEvents({ config, clock, log, metrics, store: seasonEvents });
  const boundaries = new Boundaries({
    ...{ plan: boardStore, catalogue, life, log },
    clock: boundaryClock,
    observer: metrics.seasons,
  });
  const redo = new Redo({
    live,
    log,
    observer: metrics.redo,
    alarm: alerts.alarm,
    ticksMax: config.redoTicksMax,
  });
  const intake = new TickIntake({
    ticks: new KeptTicks({ live, warmer, redo, store: snapshot }),
    acks,
    clock,
    log,
    observer: metrics.ticks,
    pressure,
    onDirty: (season, dirty) => flusher.dirtied(season, dirty),
    onNotOpen: () => void catalogue.refresh().catch(() => undefined),
  });
  const finalsStore = new PostgresFinalsStore(postgres);
  const shown = new RememberingSnapshotStore(postgres);
  const redoWatch = new RedoWatch({ redo, intake, store: shown, log, intervalMs: REDO_LOOK_MS });
  const flagStore = new PostgresFlagStore(postgres);
  const check = new FinalCheck({ live, warmer, store: flagStore, clock, observer: metrics.flags });
  const flags = new Flags({
    store: flagStore,
    follow: (players, board) => hiding.follow(players, board),
    clock,
  });
  const finals = new Finals({
    store: {
      write: (groups) => breaker.guard(() => finalsStore.write(groups)),
      markLive: (applied) => finalsStore.markLive(applied),
      pending: (before, limit) => finalsStore.pending(before, limit),
    },
    live,
    warmer,
    catalogue,
    clock,
    log,
    observer: metrics.finals,
    check,
    onMatchEnd: (season) => flusher.nudge(season, 'match-end'),
  });
  const keeper = new MatchKeeper({
    store: new PostgresMatchLifeStore(postgres),
    live: new RedisLiveAbandon(flushRedis),
    ...{ doors, warmer, catalogue, clock, log, observer: metrics.matches },
  });
  const matches = new Matches({ store: boardStore, catalogue, clock });
  const settled = new PostgresRankedReads(postgres, 'settled_standings');
  const watermarks = new Watermarks({ catalogue, intake, live, warmer, store: snapshot });
  const known = composePlayers({
    ...{ config, clock, log, flushRedis, postgres },
    ...{ breaker, flusher, liveSeasons },
  });
  const { names } = known;
  const reads = new NamedReads({ catalogue, live, snapshot: shown, settled, warmer, clock, log, names });
  const durability = new Durability({ catalogue, reads, redo });
  const barrier = new Barrier({
    ...{ catalogue, intake, live, warmer, flusher, store: snapshot, log },
    withinMs: config.databaseTimeoutMs,
  });
  const settling = new Settling({
    store: new PostgresSettlementStore(postgres),
    seasons: boardStore,
    catalogue,
    life,
    clock,
  });
  const flushFailures = new FlushFailures({
    store: parking,
    queue,
    flusher,
    live: async (id) => catalogue.live(await catalogue.season(id)),
    clock,
  });
  /** Whether Redis may have gone back in time since the seasons were built. */
  const checkRuns = async () => checkRun(await liveSeasons(), { warmer, log });
  flushRedis.on('ready', () => void checkRuns());
  const imports = new SeasonImport({
    store: new PostgresImportStore(postgres),
    warm: warmSeasons,
    catalogue,
    flusher,
    log,
  });
  return {
    acks,
    assertPossible,
    boards,
    boardStore,
    breaker,
    catalogue,
    flusher,
    flushFailures,
    reconciler,
    evictor,
    hiding,
    levels,
    life,
    boundaries,
    boundaryClock,
    seasonEvents,
    audit: new PostgresAuditStore(postgres),
    past: new PastReads(new PostgresPastStandings(postgres)),
    exports: new SeasonExports(new PostgresExportStore(config.databaseUrl)),
    events,
    redo,
    redoWatch,
    intake,
    finals,
    flags,
    matches,
    keeper,
    ...known,
    reads,
    durability,
    watermarks,
    barrier,
    settling,
    imports,
    alerts,
    windows: alerts.windows,
    checkRuns,
  };
}
