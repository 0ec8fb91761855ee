/** Fills cold seasons from Postgres: first use, a read miss, eviction and lost memory are one path.
 *
 *  The order of the steps keeps two builders from harming each other, on one server or on many:
 *    1. read the season's epoch in Postgres      (before the lock: a builder that stalls after it loses step 4)
 *    2. take the build lock in Redis; without it, wait until the season is warm
 *    3. still cold? else done
 *    4. raise the epoch if it is still the one of step 1: from here on every older flush is refused
 *    5. fill shadow keys from Postgres
 *    6. publish: in one step, only if the lock is still ours and the season still cold
 *  A crash after 4 costs an epoch number; after 5, some shadow keys that the next builder drops. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Season } from '../board/board-store.ts';
import type { HidingStore } from '../board/hiding-store.ts';
import type { LiveSeason } from '../board/live-board.ts';
import { hiddenPlayersOf } from '../board/player-hiding.ts';
import type { Log } from '../observe/log.ts';
import { BuildLock } from './build-lock.ts';
import type { LiveBuilder, Rollback } from './live-builder.ts';
import { mergeEntries, UNFLUSHED } from './merge-entry.ts';
import { readAhead } from './read-ahead.ts';
import type { SnapshotStore } from './snapshot-store.ts';

const CHUNK = 2_000;
const POLL_MS = 50;

export class Warmer {
  readonly #builder: LiveBuilder;
  readonly #lock: BuildLock;
  readonly #store: Pick<SnapshotStore, 'epoch' | 'raiseEpoch' | 'load'>;
  readonly #hiding: Pick<HidingStore, 'versions' | 'hiddenOn'>;
  readonly #seasonOf: (id: string) => Promise<Season>;
  readonly #log: Log;
  readonly #deadlineMs: number;
  readonly #building = new Map<string, Promise<void>>();

  constructor(deps: {
    builder: LiveBuilder;
    store: Pick<SnapshotStore, 'epoch' | 'raiseEpoch' | 'load'>;
    hiding: Pick<HidingStore, 'versions' | 'hiddenOn'>;
    /** The season as Postgres has it now, not from a cache: its state becomes the live one. */
    seasonOf: (id: string) => Promise<Season>;
    log: Log;
    /** How long callers wait for a season to become warm. */
    deadlineMs: number;
  }) {
    this.#builder = deps.builder;
    this.#lock = new BuildLock(deps);
    this.#store = deps.store;
    this.#hiding = deps.hiding;
    this.#seasonOf = deps.seasonOf;
    this.#log = deps.log;
    this.#deadlineMs = deps.deadlineMs;
  }

  /** Resolves when the season is warm; calls that overlap share one build. @throws Fault UNAVAILABLE past the deadline */
  warm(season: LiveSeason): Promise<void> {
    const running = this.#building.get(season.id);
    if (running) return running;
    const build = this.#untilWarm(season).finally(() => this.#building.delete(season.id));
    this.#building.set(season.id, build);
    return build;
  }

  /** For a season whose life in Redis went back in time: begins a newer one out of Postgres and of what that life has newer. Does nothing
   *  where `which` does not fit any more. @throws Fault UNAVAILABLE past the deadline, or while Postgres does not answer */
  heal(season: LiveSeason, which: Rollback): Promise<void> {
    const running = this.#building.get(season.id);
    if (running) return running;
    const heal = this.#heal(season, which).finally(() => this.#building.delete(season.id));
    this.#building.set(season.id, heal);
    return heal;
  }

  async #heal(season: LiveSeason, which: Rollback): Promise<void> {
    // A season that is set aside needs Postgres to come back: without it, a doubtful season is better than none.
    await this.#store.epoch(season.id);
    const aside = await this.#lock.hold(season, (token) => this.#builder.setAside(season, token, which));
    if (aside === undefined) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (!aside) return;
    if (which.otherRun)
      this.#log.info(
        { season: season.id },
        'redis was started again; the season is merged with the database',
      );
    else
      this.#log.warn(
        { season: season.id, ...which },
        'redis may have gone back in time; the season begins a newer epoch',
      );
    await this.#untilWarm(season);
  }

  async #untilWarm(season: LiveSeason): Promise<void> {
    const deadline = performance.now() + this.#deadlineMs;
    while (performance.now() < deadline) {
      if (await this.#tryBuild(season)) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (await this.#builder.isWarm(season)) return;
    }
    throw new Fault('UNAVAILABLE', `season: ${season.id} is being rebuilt from the database; try again`, {
      field: 'season',
      retryAfterMs: 1_000,
    });
  }

  /** @returns false when another builder has the lock or took it over */
  async #tryBuild(season: LiveSeason): Promise<boolean> {
    const epochBefore = await this.#store.epoch(season.id);
    const warm = await this.#lock.hold(season, async (token) => {
      if (await this.#builder.isWarm(season)) return true;
      const epoch = await this.#store.raiseEpoch(season.id, epochBefore);
      return epoch !== undefined && this.#fill(season, token, epoch);
    });
    return warm === true;
  }

  async #fill(season: LiveSeason, token: string, epoch: number): Promise<boolean> {
    const startedAt = performance.now();
    const aside = await this.#builder.begin(season, token);
    const hiding = await this.#hide(season, token);
    if (hiding === undefined) return false;
    let entries = 0;
    let kept = 0;
    for await (const stored of readAhead(this.#store.load(season, CHUNK))) {
      const players = stored.map((record) => record.player);
      const left = aside ? await this.#builder.leftover(season, players) : [];
      const records = aside ? mergeEntries(season.board, stored, left) : stored;
      entries += records.length;
      kept += records.filter((record) => record.rev > 0).length;
      if (!(await this.#builder.fill(season, token, records))) return false;
    }
    if (aside)
      for await (const left of this.#builder.unflushedLeftovers(season)) {
        const records = left.map((record) => ({ ...record, rev: UNFLUSHED }));
        kept += records.length;
        if (!(await this.#builder.fill(season, token, records))) return false;
      }
    // The state is read last. A state that moves between this read and publish is copied by its mover only when warm, so
    // it is compared once more after publish, by season life, which copies states again at every sweep.
    const { state } = await this.#seasonOf(season.id);
    const published = await this.#builder.publish(season, token, { epoch, state, hiding });
    this.#log.info(
      { season: season.id, epoch, entries, kept, published, ms: Math.round(performance.now() - startedAt) },
      'season rebuilt from the database',
    );
    return published;
  }

  /** @returns the version of the list, read before it: what changes after is told to the season once it is warm; undefined without the lock */
  async #hide({ id, board }: LiveSeason, token: string): Promise<number | undefined> {
    const [version] = await this.#hiding.versions([board.id]);
    for await (const players of hiddenPlayersOf(this.#hiding, board.id))
      if (!(await this.#builder.hide({ id, board }, token, players))) return undefined;
    return version ?? 0;
  }
}

/** Runs `call` again after warming the season, while it answers cold. */
export async function whenWarm<T extends { kind: string }>(
  warmer: Pick<Warmer, 'warm'>,
  season: LiveSeason,
  call: () => Promise<T>,
): Promise<Exclude<T, { kind: 'cold' }>> {
  for (let tries = 0; tries < 3; tries++) {
    const result = await call();
    if (result.kind !== 'cold') return result as Exclude<T, { kind: 'cold' }>;
    await warmer.warm(season);
  }
  throw new Fault('UNAVAILABLE', `season: ${season.id} keeps leaving memory; try again`, {
    field: 'season',
    retryAfterMs: 1_000,
  });
}
