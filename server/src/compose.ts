/** The composition root: builds every part, and lists the order in which they start. They stop in its mirror.
 *
 *    redis, postgres      what all else stands on; refused at once when they cannot keep what is promised
 *    catalogue            boards and seasons known
 *    flusher              dirty entries of an earlier run are written before new ones come
 *    reconciler           what drifted apart is put right
 *    evictor              idle seasons leave memory
 *    places               live seasons follow the list of hidden players, and keep levels where they must
 *    seasons, finals      boundaries and repairs
 *    gateway, http        the doors, last to open and first to close
 *
 *  Stopping therefore closes the doors, answers what is under way, flushes, and only then lets go of the databases. */
import type { DeclaredBoard } from './board/board-plan.ts';
import { StartupGuarantee } from './board/guarantee.ts';
import { ensureBoards } from './boards-file.ts';
import { composeCore, type Parts } from './compose-core.ts';
import { composeDoors, DOORS_SHARE } from './compose-doors.ts';
import type { Config } from './config.ts';
import { openConnections } from './connections.ts';
import type { Listening } from './http/listen.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Log } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { assertPostgres, assertRedis } from './startup.ts';

/** Part of the flusher's time to stop that the last flush may take; the rest is for alerts. */
const FLUSH_SHARE = 0.9;

export interface Server {
  /** @throws Error that says what to set or start, when this server could not keep what it promises */
  start(): Promise<Listening>;
  /** Drains and stops. @returns the parts that did not stop cleanly */
  stop(): Promise<string[]>;
}

export function compose(
  config: Config,
  boards: readonly DeclaredBoard[],
  log: Log,
  parts: Parts = {},
): Server {
  const clock = Date.now;
  const metrics = createMetrics({ processMetrics: true });
  const guarantee = new StartupGuarantee();
  const { ticksRedis, flushRedis, postgres, prover } = openConnections(config, log);
  const core = composeCore({ config, clock, log, metrics, ticksRedis, flushRedis, prover, postgres, parts });
  const doors = composeDoors({ config, clock, log, metrics, core, guarantee, ticksRedis, postgres });
  metrics.watchRedo(() => core.redo.size);
  metrics.watchGuarantee(guarantee);
  metrics.watchWindows(() => core.windows());
  metrics.watchBoundaryClock(() => core.boundaryClock.offsetMs);
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
        stop: (ms) => {
          core.breaker.stop();
          return postgres.close(ms);
        },
      },
      {
        name: 'catalogue',
        start: async () => {
          await core.catalogue.start();
          await ensureBoards(boards, { ...core, log });
          const stored = await core.catalogue.storedBoards();
          await core.acks.report(stored.filter((one) => !one.archivedAt).map(({ board }) => board));
        },
        stop: () => core.catalogue.stop(),
      },
      {
        name: 'flusher',
        start: async () => {
          await core.alerts.start();
          void core.checkRuns();
          await core.flusher.start();
        },
        stop: async (ms) => {
          await core.flusher.stop(ms * FLUSH_SHARE);
          await core.alerts.stop(ms * (1 - FLUSH_SHARE));
        },
      },
      { name: 'reconciler', start: () => core.reconciler.start(), stop: () => core.reconciler.stop() },
      { name: 'evictor', start: () => core.evictor.start(), stop: () => core.evictor.stop() },
      {
        name: 'places',
        start: () => {
          core.hiding.start();
          core.levels.start();
        },
        stop: () => {
          core.hiding.stop();
          core.levels.stop();
        },
      },
      { name: 'deletions', start: () => core.playerDeletion.start(), stop: () => core.playerDeletion.stop() },
      {
        name: 'seasons',
        start: async () => {
          core.life.start();
          await core.boundaries.start();
          core.events?.start();
        },
        stop: async () => {
          core.life.stop();
          await core.boundaries.stop();
          await core.events?.stop();
        },
      },
      {
        name: 'finals',
        start: () => core.finals.start(),
        stop: async () => {
          core.finals.stop();
          await core.finals.drain();
        },
      },
      { name: 'matches', start: () => core.keeper.start(), stop: () => core.keeper.stop() },
      {
        name: 'ticks',
        start: () => core.redoWatch.start(),
        stop: async () => {
          await core.intake.drain();
          await core.redoWatch.stop();
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
