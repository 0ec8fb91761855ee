/** Deletes players: their history stays, under a pseudonym that nothing leads back from, and nobody else's rank changes.
 *
 *  Every step may be done twice, and a crash leaves the job for any server's next look:
 *    1. begin        the job is in the database
 *    2. flush        seasons that hold the player: what Redis has is in the database
 *    3. pseudonymise all tables in one transaction
 *    4. rename       the entry in each live season, in one step each
 *    5. flush, and 3 again: a flush that was under way may have written the old id once more
 *    6. look again   after a while, from 2; where nothing is found any more, the job forgets the player
 *  A rebuild that began before 3 may bring the old id back after 4: a season that is being rebuilt keeps the job at 4, and a rebuild that
 *  begins later reads the pseudonym. Scores that the player sends meanwhile are deleted with the rest; after 6 the id is a new player's. */

import { Fault } from '@photofinish/shared/protocol/errors';
import type { Flusher } from '../flush/flusher.ts';
import type { Log } from '../observe/log.ts';
import type { LiveSeason } from './live-board.ts';
import { flushSeasonsOf, type LivePlayers } from './live-players.ts';
import type { Names } from './names.ts';
import { newId } from './new-id.ts';
import type { DeletionJob, PlayerDeletionStore } from './player-deletion-store.ts';
import { Rounds } from './rounds.ts';

export interface DeletionAnswer {
  player: string;
  /** pending: goes on by itself. erased: nothing names the player, and it is looked at once more. absent: nothing did. */
  state: 'pending' | 'erased' | 'absent';
}

interface Deps {
  store: PlayerDeletionStore;
  live: LivePlayers;
  liveSeasons: () => Promise<LiveSeason[]>;
  flusher: Pick<Flusher, 'drain'>;
  names: Pick<Names, 'note'>;
  clock: () => number;
  log: Log;
  /** Time between the two looks: past any statement that was under way. */
  lookAgainMs: number;
}

const SWEEP_MS = 2_000;
/** Longer than a pass takes; a server that died in the middle is followed by another one after it. */
const LEASE_MS = 120_000;
const DRAIN_MS = 20_000;
const JOBS_AT_ONCE = 10;
/** After a pass that did not come to its end. */
const AGAIN_MS = 3_000;

export class PlayerDeletion {
  readonly #deps: Deps;
  readonly #rounds: Rounds;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      everyMs: SWEEP_MS,
      round: () => this.sweep(),
      failed: (error) =>
        deps.log.debug({ err: error }, 'deletions of players were not looked at; it is tried again'),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Idempotent. @throws Fault UNAVAILABLE, OUTCOME_UNKNOWN: then the same again is safe */
  async remove(player: string, by: string): Promise<DeletionAnswer> {
    const { store, clock } = this.#deps;
    // Who has just begun may be in Redis alone.
    await flushSeasonsOf(player, this.#deps);
    const job = await store.begin({ id: newId(), player, by, at: clock() });
    if (!job) return { player, state: 'absent' };
    if (job.erasedAt !== undefined) return { player, state: 'erased' };
    return { player, state: (await this.#tried(job)) ? 'erased' : 'pending' };
  }

  /** Goes on with what was left. */
  async sweep(): Promise<void> {
    const { store, clock, lookAgainMs } = this.#deps;
    const now = clock();
    const due = { now, until: now + LEASE_MS, erasedBefore: now - lookAgainMs, limit: JOBS_AT_ONCE };
    for (const job of await store.take(due)) await this.#tried(job);
  }

  /** @returns whether nothing names the player any more */
  async #tried(job: DeletionJob): Promise<boolean> {
    const { store, clock, log } = this.#deps;
    try {
      if (await this.#pass(job)) return true;
    } catch (error) {
      const level = error instanceof Fault && error.retryable ? 'warn' : 'error';
      log[level]({ err: error, deletion: job.id }, 'deletion of a player did not end; it goes on');
    }
    // Where this fails too, the lease ends by itself.
    await store.release(job.id, clock() + AGAIN_MS).catch(() => undefined);
    return false;
  }

  async #pass(begun: DeletionJob): Promise<boolean> {
    const { store, live, liveSeasons, flusher, names, clock, log } = this.#deps;
    const seasons = await liveSeasons();
    await flushSeasonsOf(begun.player, this.#deps);
    const { job, rows } = await store.pseudonymise(begun.id, clock());
    names.note(job.player, undefined);
    let found = rows;
    let building = false;
    for (const season of seasons) {
      if (job.pseudonym === undefined) break;
      const done = await live.rename(season, { from: job.player, to: job.pseudonym, now: clock() });
      building ||= done === 'building';
      if (done !== 'renamed') continue;
      found++;
      await flusher.drain(season, 'admin', DRAIN_MS);
    }
    found += (await store.pseudonymise(job.id, clock())).rows;
    if (building) return false;
    if (begun.erasedAt !== undefined && found === 0) {
      await store.finish(job.id, clock());
      log.info({ deletion: job.id }, 'a player is deleted');
    } else await store.erased(job.id, clock());
    return true;
  }
}
