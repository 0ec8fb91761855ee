/** Finals: write-through. Postgres first, in one transaction; Redis after the commit.
 *
 *  Finals that arrive in one turn, or while a transaction is under way, commit together. When Redis cannot take a committed final
 *  the answer is still success, with `live: pending`: the repair finds it in Postgres (pending_finals) and applies it
 *  later, and again after a crash, because Redis ignores what it has already (it keeps the larger count of finals). */
import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import { type Warmer, whenWarm } from '../flush/warmer.ts';
import type { Log } from '../observe/log.ts';
import type { Catalogue } from './catalogue.ts';
import { finalRefused } from './faults.ts';
import type { ComparedFinal, FinalCheck } from './final-check.ts';
import type {
  FinalGroup,
  FinalGroupResult,
  FinalsStore,
  NewFinalScore,
  PendingFinals,
  StoredFinal,
} from './finals-store.ts';
import type { ConfirmedEntry, ConfirmedWrite, LiveBoard, LiveSeason } from './live-board.ts';
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

/** All are stored or none. */
interface SentFinals {
  match: string;
  finals: readonly SentFinal[];
  /** Of `match.end`. */
  end: boolean;
}

/** Is told what became of finals, by the ticket that they came with: a promise for each would cost more than judging it (`finals.rate`). */
export interface FinalSink {
  finalsStored(ticket: number, answers: readonly FinalAnswer[]): void;
  /** @param error as `submit` throws it */
  finalsFailed(ticket: number, error: unknown): void;
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
  sent: readonly SentFinal[];
  sink: FinalSink;
  ticket: number;
}

interface Committed {
  waiting: Waiting;
  result: FinalGroupResult & { kind: 'stored' };
}

/** A final as its season in Redis takes it. */
type Applied = ComparedFinal & ConfirmedWrite;

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
/** Transactions that one look repairs. */
const REPAIR_BATCH = 50;

export class Finals {
  readonly #deps: Deps;
  readonly #waiting: Waiting[] = [];
  /** Transactions whose finals Redis has. */
  #applied: string[] = [];
  #busy = false;
  #scheduled = false;
  #idle: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #repairing = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#sweep(), REPAIR_EVERY_MS);
  }

  /** @throws Fault when nothing was stored, or OUTCOME_UNKNOWN: then send the same again */
  async submit(request: SentFinals, by: Principal): Promise<FinalAnswer[]> {
    const match = await this.#deps.catalogue.match(request.match);
    const board = await this.#deps.catalogue.board(match.board);
    return new Promise((resolve, reject) => {
      const sink: FinalSink = {
        finalsStored: (_, answers) => resolve([...answers]),
        finalsFailed: (_, error) => reject(error),
      };
      this.#enter(request, board, by, { sink, ticket: 0 });
    });
  }

  /** As `submit`, and what it throws is told too. */
  send(request: SentFinals, by: Principal, reply: { sink: FinalSink; ticket: number }): void {
    const { sink, ticket } = reply;
    const board = this.#deps.catalogue.boardPlayed(request.match);
    try {
      if (board) this.#enter(request, board, by, reply);
      else
        this.submit(request, by).then(
          (answers) => sink.finalsStored(ticket, answers),
          (error) => sink.finalsFailed(ticket, error),
        );
    } catch (error) {
      sink.finalsFailed(ticket, error);
    }
  }

  #enter(
    { match, finals: sent, end }: SentFinals,
    board: Board,
    by: Principal,
    { sink, ticket }: { sink: FinalSink; ticket: number },
  ): void {
    if (end) mayRunMatches(by);
    const finals: NewFinalScore[] = [];
    for (let i = 0; i < sent.length; i++) {
      const final = sent[i] as SentFinal;
      mayWrite(by, board, 'finals', final.player);
      const within = end ? `finals.${i}.` : '';
      checkScore(board, final.score, `${within}score`);
      finals.push(newFinal(board, final, bucketKeyOf(by, board, final.bucketKey), within));
    }
    if (this.#waiting.length >= WAITING_MAX)
      throw new Fault('OVERLOADED', 'too many finals are waiting for the database; send it again', {
        limit: `${WAITING_MAX} waiting finals`,
        retryAfterMs: 1_000,
      });
    this.#waiting.push({ group: { match, finals, end, at: this.#deps.clock() }, sent, sink, ticket });
    this.#schedule();
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
      for (const { sink, ticket } of batch) sink.finalsFailed(ticket, error);
      return;
    }
    // Committed. The next transaction need not wait for Redis.
    void this.#answer(batch, results);
  }

  /** What was committed together goes live together: one call per season (`finals.rate`). */
  async #answer(batch: readonly Waiting[], results: readonly FinalGroupResult[]): Promise<void> {
    const bySeason = new Map<string, Committed[]>();
    for (const [i, waiting] of batch.entries()) {
      const result = results[i];
      if (result?.kind === 'refused') {
        this.#deps.observer.refused(waiting.group.finals.length);
        waiting.sink.finalsFailed(waiting.ticket, finalRefused(result));
      } else if (result) {
        const committed = bySeason.get(result.season);
        if (committed) committed.push({ waiting, result });
        else bySeason.set(result.season, [{ waiting, result }]);
      }
    }
    const late = new Set<string>();
    await Promise.all(
      [...bySeason].map(async ([season, committed]) => {
        const places = await this.#goLive(season, committed);
        for (const { result } of committed) if (!places && result.pending) late.add(result.pending);
        answerAll(committed, places, this.#deps.log);
        this.#observe(committed);
      }),
    );
    for (const pending of new Set(results.map((result) => result.kind === 'stored' && result.pending)))
      if (pending && !late.has(pending)) this.#applied.push(pending);
  }

  #observe(committed: readonly Committed[]): void {
    let [finals, duplicates] = [0, 0];
    for (const { result } of committed)
      for (const { duplicate } of result.finals) {
        finals++;
        if (duplicate) duplicates++;
      }
    this.#deps.observer.stored(finals, duplicates);
  }

  /** @returns places in the order of the finals; undefined when the repair must do it */
  async #goLive(
    seasonId: string,
    committed: readonly Committed[],
  ): Promise<readonly ConfirmedEntry[] | undefined> {
    const { catalogue, log, onMatchEnd } = this.#deps;
    const ended = committed.filter(({ waiting }) => waiting.group.end);
    try {
      for (const { waiting } of ended) {
        const match = await catalogue.match(waiting.group.match);
        await catalogue.noteMatch({ ...match, endedAt: waiting.group.at });
      }
      const places = await this.#apply(seasonId, committed.flatMap(appliedOf));
      if (ended.length > 0) onMatchEnd(await catalogue.live(await catalogue.season(seasonId)));
      return places;
    } catch (error) {
      const finals = committed.reduce((sum, { result }) => sum + result.finals.length, 0);
      log.warn({ err: error, season: seasonId, finals }, 'finals committed but not live yet');
      return undefined;
    }
  }

  /** A season that is cold is warmed first, even though a rebuild reads standings: a build under way may have read them before these finals
   *  were committed. @throws Fault, or what the script threw */
  async #apply(seasonId: string, finals: readonly Applied[]): Promise<readonly ConfirmedEntry[]> {
    if (finals.length === 0) return [];
    const { catalogue, check, live, warmer, clock } = this.#deps;
    const season = await catalogue.live(await catalogue.season(seasonId));
    await check.compare(season, finals);
    const { entries } = await whenWarm(warmer, season, () => live.confirm(season, finals, clock()));
    return entries;
  }

  async #sweep(): Promise<void> {
    if (this.#repairing) return;
    this.#repairing = true;
    try {
      await this.#markApplied();
      const before = this.#deps.clock() - REPAIR_AGE_MS;
      const pending = await this.#deps.store.pending(before, REPAIR_BATCH);
      this.#deps.observer.pending(pending.reduce((sum, { finals }) => sum + finals.length, 0));
      for (const transaction of pending) await this.#repair(transaction);
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'finals repair failed; it is tried again');
    } finally {
      this.#repairing = false;
    }
  }

  /** One that cannot be repaired must not keep the others: the next sweep meets it again. */
  async #repair({ id, finals }: PendingFinals): Promise<void> {
    const { log } = this.#deps;
    let repaired = 0;
    for (const final of finals) {
      const { match, player, score, confirmed, bucket } = final;
      const matchKey = matchKeyOf({ id: match, startedAt: final.matchStartedAt });
      const applied = { match, matchKey, player, score, confirmed, bucket, finals: final.finals };
      try {
        await this.#apply(final.season, [{ ...applied, fresh: true }]);
        repaired++;
      } catch (error) {
        if (error instanceof Fault) throw error;
        log.error({ err: error, match }, 'a final could not be repaired');
      }
    }
    if (repaired === finals.length) this.#applied.push(id);
  }

  async #markApplied(): Promise<void> {
    const applied = this.#applied.splice(0);
    if (applied.length === 0) return;
    try {
      await this.#deps.store.markLive(applied);
    } catch (error) {
      // The repair applies them once more, harmlessly, and marks them then.
      this.#deps.log.warn({ err: error, transactions: applied.length }, 'finals could not be marked live');
    }
  }
}

function newFinal(
  board: Board,
  sent: SentFinal,
  bucketKey: string | undefined,
  within: string,
): NewFinalScore {
  const { player, score, columns, metadata } = sent;
  const { columnsKey, metadata: text, bucket } = heldUnit(board, { columns, metadata, bucketKey }, within);
  return { player, score, columnsKey, metadata: text, bucket };
}

function appliedOf({ waiting, result }: Committed): Applied[] {
  const { match } = waiting.group;
  const matchKey = matchKeyOf({ id: match, startedAt: result.matchStartedAt });
  return result.finals.map(({ player, score, duplicate, confirmed, finals, bucket }) => {
    return { match, matchKey, player, score, confirmed, finals, bucket, fresh: !duplicate };
  });
}

/** @param places of all their finals, in order; undefined while they are pending */
function answerAll(
  committed: readonly Committed[],
  places: readonly ConfirmedEntry[] | undefined,
  log: Log,
): void {
  let next = 0;
  for (const { waiting, result } of committed) {
    const answers: FinalAnswer[] = [];
    for (const final of result.finals) {
      const columns = waiting.sent[answers.length]?.columns;
      answers.push(answerOf(final, places?.[next++], columns));
    }
    try {
      waiting.sink.finalsStored(waiting.ticket, answers);
    } catch (error) {
      // It must not keep the others from theirs: who is left without one asks again.
      log.error({ err: error, match: waiting.group.match }, 'a stored final could not be answered');
    }
  }
}

function answerOf(
  { player, score, confirmed, duplicate }: StoredFinal,
  place: ConfirmedEntry | undefined,
  columns: SentUnit['columns'],
): FinalAnswer {
  const live = place === undefined ? 'pending' : 'applied';
  const answer: FinalAnswer = { player, score, confirmed: confirmed.score, duplicate, live };
  if (place) Object.assign(answer, toldPlace(place));
  if (columns) answer.columns = columns;
  return answer;
}
