/** Finals: write-through. Postgres first, in one transaction; Redis after the commit.
 *
 *  Finals that arrive in one turn, or while a transaction is under way, commit together. When Redis cannot take a committed final
 *  the answer is still success, with `live: pending`: the repair finds it in Postgres (final_scores.live_at is null) and applies it
 *  later, and again after a crash, because Redis ignores what it has already (it keeps the larger count of finals). */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Warmer } from '../flush/warmer.ts';
import type { Log } from '../observe/log.ts';
import type { Catalogue } from './catalogue.ts';
import { ConfirmBatch } from './confirm-batch.ts';
import { finalRefused } from './faults.ts';
import type { FinalCheck } from './final-check.ts';
import type {
  FinalGroup,
  FinalGroupResult,
  FinalsStore,
  NewFinalScore,
  PendingFinal,
  StoredFinal,
} from './finals-store.ts';
import type { ConfirmedEntry, LiveBoard, LiveSeason } from './live-board.ts';
import { matchKeyOf } from './match-key.ts';
import { bucketKeyOf, mayRunMatches, mayWrite, type Principal } from './principal.ts';
import { heldUnit, type SentUnit } from './sent-unit.ts';
import { checkScore } from './tick-rules.ts';
import { type ToldPlace, toldPlace } from './told-place.ts';

/** The place is absent while `live` is pending. */
export interface FinalAnswer extends Partial<ToldPlace> {
  player: string;
  score: number;
  confirmed: number;
  duplicate: boolean;
  live: 'applied' | 'pending';
  columns?: Readonly<Record<string, number>>;
}

interface SentFinal extends SentUnit {
  player: string;
  score: number;
}

export interface FinalsObserver {
  stored(finals: number, duplicates: number): void;
  refused(finals: number): void;
  failed(finals: number): void;
  /** Committed finals that Redis lacked at the last look. */
  pending(finals: number): void;
}

interface Waiting {
  group: FinalGroup;
  /** By name, in the order of the group's finals; undefined on boards without. */
  columns: (SentUnit['columns'] | undefined)[];
  resolve: (answers: FinalAnswer[]) => void;
  reject: (error: unknown) => void;
}

interface Deps {
  store: FinalsStore;
  live: LiveBoard;
  warmer: Warmer;
  catalogue: Catalogue;
  clock: () => number;
  log: Log;
  observer: FinalsObserver;
  check: Pick<FinalCheck, 'compare'>;
  onMatchEnd: (season: LiveSeason) => void;
}

/** Requests that may wait for a transaction; at the limit they are refused, with nothing done. */
const WAITING_MAX = 5_000;
/** Finals in one transaction: more make a failure costlier and locks longer. */
const FINALS_PER_TRANSACTION = 2_000;
const REPAIR_EVERY_MS = 1_000;
/** A final younger than this is still being applied by the server that stored it. */
const REPAIR_AGE_MS = 3_000;
const REPAIR_BATCH = 1_000;

export class Finals {
  readonly #deps: Deps;
  readonly #confirms: ConfirmBatch;
  readonly #waiting: Waiting[] = [];
  #applied: { match: string; player: string }[] = [];
  #busy = false;
  #scheduled = false;
  #idle: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #repairing = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#confirms = new ConfirmBatch(deps);
  }

  start(): void {
    this.#timer = setInterval(() => void this.#sweep(), REPAIR_EVERY_MS);
  }

  /** @throws Fault when nothing was stored, or OUTCOME_UNKNOWN: then send the same again */
  async submit(
    request: { match: string; finals: SentFinal[]; end: boolean },
    by: Principal,
  ): Promise<FinalAnswer[]> {
    const match = await this.#deps.catalogue.match(request.match);
    const board = await this.#deps.catalogue.board(match.board);
    if (request.end) mayRunMatches(by);
    const finals: NewFinalScore[] = [];
    for (const [i, final] of request.finals.entries()) {
      mayWrite(by, board, 'finals', final.player);
      const within = request.end ? `finals.${i}.` : '';
      checkScore(board, final.score, `${within}score`);
      const sent = { ...final, bucketKey: bucketKeyOf(by, board, final.bucketKey) };
      finals.push({ player: final.player, score: final.score, ...heldUnit(board, sent, within) });
    }
    if (this.#waiting.length >= WAITING_MAX)
      throw new Fault('OVERLOADED', 'too many finals are waiting for the database; send it again', {
        limit: `${WAITING_MAX} waiting finals`,
        retryAfterMs: 1_000,
      });
    return new Promise((resolve, reject) => {
      const columns = request.finals.map((final) => final.columns);
      this.#waiting.push({ columns, group: { ...request, finals, at: this.#deps.clock() }, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when every final has been committed or refused, and those known to be live are recorded as such; the repair has the rest. */
  async drain(): Promise<void> {
    if (this.#busy || this.#waiting.length > 0)
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#markApplied();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #schedule(): void {
    if (this.#busy || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) await this.#commit(this.#takeBatch());
    this.#busy = false;
    for (const done of this.#idle.splice(0)) done();
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let finals = 0;
    while (this.#waiting[0] && finals < FINALS_PER_TRANSACTION) {
      const next = this.#waiting.shift();
      if (!next) break;
      batch.push(next);
      finals += next.group.finals.length + 1;
    }
    return batch;
  }

  async #commit(batch: Waiting[]): Promise<void> {
    let results: FinalGroupResult[];
    try {
      results = await this.#deps.store.write(batch.map((waiting) => waiting.group));
    } catch (error) {
      this.#deps.observer.failed(batch.reduce((sum, { group }) => sum + group.finals.length, 0));
      for (const waiting of batch) waiting.reject(error);
      return;
    }
    // Committed. The next transaction need not wait for Redis.
    for (const [i, waiting] of batch.entries()) {
      const result = results[i];
      if (result) void this.#answer(waiting, result);
    }
  }

  async #answer(waiting: Waiting, result: FinalGroupResult): Promise<void> {
    const { group, columns, resolve, reject } = waiting;
    if (result.kind === 'refused') {
      this.#deps.observer.refused(group.finals.length);
      reject(finalRefused(result));
      return;
    }
    this.#deps.observer.stored(result.finals.length, result.finals.filter((final) => final.duplicate).length);
    const answers = await this.#goLive(group, result);
    resolve(answers.map((answer, i) => (columns[i] ? { ...answer, columns: columns[i] } : answer)));
  }

  async #goLive(group: FinalGroup, stored: FinalGroupResult & { kind: 'stored' }): Promise<FinalAnswer[]> {
    const { catalogue, log, onMatchEnd } = this.#deps;
    let places: (ConfirmedEntry | undefined)[] = [];
    try {
      const season = await catalogue.live(await catalogue.season(stored.season));
      if (group.end) {
        const match = await catalogue.match(group.match);
        await catalogue.noteMatch({ ...match, endedAt: group.at });
      }
      const matchKey = matchKeyOf({ id: group.match, startedAt: stored.matchStartedAt });
      const of = { match: group.match, matchKey };
      const compared = stored.finals.map(({ player, score, duplicate }) => ({
        ...{ ...of, player, score, fresh: !duplicate },
      }));
      await this.#deps.check.compare(season, compared);
      places = await this.#apply(season, stored.finals, matchKey);
      for (const final of stored.finals) this.#applied.push({ match: group.match, player: final.player });
      if (group.end) onMatchEnd(season);
    } catch (error) {
      log.warn(
        { err: error, match: group.match, finals: stored.finals.length },
        'finals committed but not live yet',
      );
    }
    return stored.finals.map((final, i) => {
      const place = places[i];
      return {
        player: final.player,
        score: final.score,
        confirmed: final.confirmed.score,
        duplicate: final.duplicate,
        live: place === undefined ? 'pending' : 'applied',
        ...(place && toldPlace(place)),
      };
    });
  }

  #apply(
    season: LiveSeason,
    finals: readonly Pick<StoredFinal, 'player' | 'confirmed' | 'finals' | 'bucket'>[],
    matchKey: string,
  ) {
    const writes = finals.map(({ player, confirmed, finals: count, bucket }) => ({
      ...{ player, matchKey, confirmed, bucket },
      finals: count,
    }));
    return this.#confirms.confirm(season, writes);
  }

  async #sweep(): Promise<void> {
    if (this.#repairing) return;
    this.#repairing = true;
    try {
      await this.#markApplied();
      const pending = await this.#deps.store.pending(this.#deps.clock() - REPAIR_AGE_MS, REPAIR_BATCH);
      this.#deps.observer.pending(pending.length);
      for (const final of pending) await this.#repair(final);
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'finals repair failed; it is tried again');
    } finally {
      this.#repairing = false;
    }
  }

  /** One that cannot be repaired must not keep the others: the next sweep meets it again. */
  async #repair(final: PendingFinal): Promise<void> {
    const { catalogue, log } = this.#deps;
    try {
      const season = await catalogue.live(await catalogue.season(final.season));
      // Warm first, even though a rebuild reads standings: a build under way may have read them before this final was committed.
      const matchKey = matchKeyOf({ id: final.match, startedAt: final.matchStartedAt });
      const { match, player, score } = final;
      await this.#deps.check.compare(season, [{ match, matchKey, player, score, fresh: true }]);
      await this.#apply(season, [final], matchKey);
      this.#applied.push({ match: final.match, player: final.player });
    } catch (error) {
      if (error instanceof Fault) throw error;
      log.error({ err: error, match: final.match }, 'a final could not be repaired');
    }
  }

  async #markApplied(): Promise<void> {
    const applied = this.#applied.splice(0);
    if (applied.length === 0) return;
    try {
      await this.#deps.store.markLive(applied, this.#deps.clock());
    } catch (error) {
      // The repair applies them once more, harmlessly, and marks them then.
      this.#deps.log.warn({ err: error, finals: applied.length }, 'finals could not be marked live');
    }
  }
}
