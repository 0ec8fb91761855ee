/** The hot path: tick to ack.
 *
 *  Ticks of one season wait in one queue. All that came in one event-loop turn, and all that come while a batch is on its way,
 *  go to Redis in one script call; their answers go back through the caller's sink in the same turn. No promise, timer or
 *  closure per tick. One batch per season is under way at a time, so ticks of a player are applied in the order they came; the answers
 *  of one are written while Redis works on the next (`ack.single`). */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Log } from '../observe/log.ts';
import type { TickTarget } from './catalogue.ts';
import type { KeptTicks } from './kept-ticks.ts';
import {
  type LiveSeason,
  TICK_BATCH_MAX,
  type TickBatchResult,
  type TickOutcome,
  type TickWrite,
} from './live-board.ts';
import type { Pressure } from './pressure.ts';
import { type HeldUnit, heldUnit } from './sent-unit.ts';
import { type Acked, isParked, type TickAcks } from './tick-acks.ts';
import { checkTick, type Tick, TickRate } from './tick-rules.ts';

/** Takes the answers of ticks. `ticket` is the caller's own number for the tick. */
export interface TickSink {
  ticked(ticket: number, outcome: TickOutcome, position: Acked): void;
  tickFailed(ticket: number, fault: Fault): void;
}

export interface TickObserver {
  /** One script call: how many ticks, how long, and what came of them. */
  batch(batch: { ticks: number; ms: number; outcomes: readonly TickOutcome[] }): void;
  failed(ticks: number): void;
  refusedAtTheDoor(): void;
}

/** Ticks that may wait for Redis or for their ack, over all seasons: about 200 bytes each. At the limit ticks are refused with a time to come back. */
const WAITING_MAX = 100_000;

/** In the place of a sink that has been answered. */
const NOWHERE: TickSink = { ticked: () => {}, tickFailed: () => {} };

interface SeasonQueue {
  season: LiveSeason;
  rate: TickRate;
  waiting: TickWrite[];
  sinks: TickSink[];
  tickets: number[];
  busy: boolean;
  lookers: Looker[];
}

/** Waits until a batch that began after it was taken: the season was whole then. */
interface Looker {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Ticks of one script call, with who waits for their answers. */
interface Batch {
  ticks: TickWrite[];
  sinks: TickSink[];
  tickets: number[];
}

type Applied = Extract<TickBatchResult, { kind: 'ok' }>;

interface Deps {
  ticks: Pick<KeptTicks, 'apply'>;
  acks: Pick<TickAcks, 'needsMore' | 'assertAvailable' | 'earn'>;
  clock: () => number;
  log: Log;
  observer: TickObserver;
  /** Says how long acks are held back while many entries are dirty; without it never. */
  pressure?: Pick<Pressure, 'ackDelayMs'> | undefined;
  /** Told after each batch, with the entries that now wait for a flush. */
  onDirty: (season: LiveSeason, dirty: number) => void;
  /** A script refused a season that this server believed to be open. */
  onNotOpen: (season: LiveSeason) => void;
}

export class TickIntake {
  readonly #deps: Deps;
  readonly #queues = new Map<string, SeasonQueue>();
  readonly #ready: SeasonQueue[] = [];
  #scheduled = false;
  #depth = 0;
  #idle: (() => void)[] = [];

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Ticks waiting or under way. */
  get depth(): number {
    return this.#depth;
  }

  /** Answers through the sink exactly once, in a later turn. @throws Fault at once when the tick is refused at the door */
  submit(target: TickTarget, tick: Tick, writer: string, reply: { sink: TickSink; ticket: number }): void {
    const queue = this.#queueOf(target.season);
    const now = this.#deps.clock();
    let unit: HeldUnit;
    try {
      unit = this.#admit(queue, tick, now);
    } catch (fault) {
      this.#deps.observer.refusedAtTheDoor();
      throw fault;
    }
    queue.waiting.push({
      player: tick.player,
      writer,
      matchKey: target.matchKey,
      score: tick.score,
      delta: tick.delta,
      seq: tick.seq,
      columnsKey: unit.columnsKey,
      metadata: unit.metadata,
      bucket: unit.bucket,
      at: now,
    });
    queue.sinks.push(reply.sink);
    queue.tickets.push(reply.ticket);
    this.#depth++;
    if (!queue.busy && queue.waiting.length === 1 && queue.lookers.length === 0) this.#schedule(queue);
  }

  /** Makes the season whole: notices that it lost its memory, and redoes what it lost of what this server acked. @throws Fault when that could not be done */
  look(season: LiveSeason): Promise<void> {
    const queue = this.#queueOf(season);
    const looked = new Promise<void>((resolve, reject) => queue.lookers.push({ resolve, reject }));
    if (!queue.busy && queue.waiting.length === 0 && queue.lookers.length === 1) this.#schedule(queue);
    return looked;
  }

  /** Resolves when every tick has been answered. */
  drain(): Promise<void> {
    if (this.#depth === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #admit(queue: SeasonQueue, tick: Tick, now: number): HeldUnit {
    if (this.#depth >= WAITING_MAX)
      throw new Fault('OVERLOADED', 'too many ticks are waiting for Redis; try again', {
        limit: `${WAITING_MAX} waiting ticks`,
        retryAfterMs: 500,
      });
    checkTick(queue.season.board, tick);
    const unit = heldUnit(queue.season.board, tick);
    queue.rate.take(tick.player, now);
    return unit;
  }

  #queueOf(season: LiveSeason): SeasonQueue {
    let queue = this.#queues.get(season.id);
    const { maxPerSecond } = season.board.ticks;
    // The board's rules may have changed since.
    if (queue && queue.rate.maxPerSecond !== maxPerSecond) queue.rate = new TickRate(maxPerSecond);
    if (!queue) {
      queue = {
        season,
        rate: new TickRate(maxPerSecond),
        waiting: [],
        sinks: [],
        tickets: [],
        busy: false,
        lookers: [],
      };
      this.#queues.set(season.id, queue);
    }
    return queue;
  }

  #schedule(queue: SeasonQueue): void {
    this.#ready.push(queue);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (const next of this.#ready.splice(0)) void this.#run(next);
    });
  }

  async #run(queue: SeasonQueue): Promise<void> {
    queue.busy = true;
    let answer: (() => void) | undefined;
    while (queue.waiting.length > 0 || queue.lookers.length > 0) {
      const sent = this.#send(queue);
      answer?.();
      answer = await sent;
    }
    answer?.();
    queue.busy = false;
  }

  /** @returns what answers the batch. Neither throws: the queue would stand still. */
  async #send(queue: SeasonQueue): Promise<() => void> {
    const lookers = queue.lookers.splice(0);
    const batch = takeBatch(queue);
    const sentAt = performance.now();
    try {
      const result = await this.#apply(queue.season, batch.ticks);
      const ms = performance.now() - sentAt;
      for (const looker of lookers) looker.resolve();
      return () => {
        try {
          this.#settle(queue.season, batch, { result, ms });
        } catch (error) {
          this.#fail(error, batch);
        }
      };
    } catch (error) {
      for (const looker of lookers) looker.reject(error);
      return () => this.#fail(error, batch);
    }
  }

  async #apply(season: LiveSeason, ticks: readonly TickWrite[]): Promise<Applied | undefined> {
    const { acks } = this.#deps;
    if (ticks.length > 0 && acks.needsMore(season.board)) await acks.assertAvailable(season.board);
    const result = await this.#deps.ticks.apply(season, ticks);
    if (!result || ticks.length === 0) return undefined;
    if (result.kind === 'ok') return result;
    this.#deps.onNotOpen(season);
    throw new Fault('SEASON_CLOSED', `season ${season.id} is ${result.state} and takes no more ticks`, {
      limit: 'ticks while the season is open',
      fix: 'start a match in the next season',
    });
  }

  /** Answers the batch, or leaves that to `#answerOnceSafe`: the next batch need not wait for this one's ack. */
  #settle(
    season: LiveSeason,
    batch: Batch,
    { result, ms }: { result: Applied | undefined; ms: number },
  ): void {
    if (!result) return;
    const { outcomes, epoch, version, dirty } = result;
    this.#deps.observer.batch({ ticks: batch.ticks.length, ms, outcomes });
    this.#deps.onDirty(season, dirty);
    const acked = { epoch, version, ack: 'cache' as const };
    const heldMs = this.#deps.pressure?.ackDelayMs(season, dirty) ?? 0;
    // Whoever waits for more than the cache waits for the flush or the disk by itself.
    if (this.#deps.acks.needsMore(season.board)) void this.#answerOnceSafe(season, batch, result);
    // The next batches go on meanwhile. Ticks count as waiting until they are answered, so what is held is bounded with the rest.
    else if (heldMs > 0) setTimeout(() => this.#answer(batch, outcomes, acked), heldMs);
    else this.#answer(batch, outcomes, acked);
  }

  async #answerOnceSafe(
    season: LiveSeason,
    batch: Batch,
    { outcomes, epoch, version }: { outcomes: TickOutcome[]; epoch: number; version: number },
  ): Promise<void> {
    try {
      const players = batch.ticks.map((tick) => tick.player);
      const { ack, without } = await this.#deps.acks.earn(season, { epoch, version }, players);
      if (without.size > 0) this.#refuseParked(batch, without);
      this.#answer(batch, outcomes, { epoch, version, ack });
    } catch (error) {
      this.#fail(error, batch);
    }
  }

  /** Answers those ticks, and takes them out of the batch's answers. */
  #refuseParked({ ticks, sinks, tickets }: Batch, players: ReadonlySet<string>): void {
    for (const [i, { player }] of ticks.entries()) {
      const ticket = tickets[i];
      if (ticket === undefined || !players.has(player)) continue;
      sinks[i]?.tickFailed(ticket, isParked());
      sinks[i] = NOWHERE;
    }
  }

  #answer({ sinks, tickets }: Batch, outcomes: readonly TickOutcome[], position: Acked): void {
    for (let i = 0; i < outcomes.length; i++) {
      const outcome = outcomes[i];
      const ticket = tickets[i];
      if (outcome && ticket !== undefined) sinks[i]?.ticked(ticket, outcome, position);
    }
    this.#answered(tickets.length);
  }

  #answered(ticks: number): void {
    this.#depth -= ticks;
    if (this.#depth === 0) for (const done of this.#idle.splice(0)) done();
  }

  #fail(error: unknown, { sinks, tickets }: Batch): void {
    if (tickets.length === 0) return;
    const fault =
      error instanceof Fault
        ? error
        : new Fault('INTERNAL', 'the server failed; send the tick again with the same seq');
    if (!(error instanceof Fault)) this.#deps.log.error({ err: error }, 'tick batch failed');
    this.#deps.observer.failed(tickets.length);
    for (let i = 0; i < tickets.length; i++) {
      const ticket = tickets[i];
      if (ticket !== undefined) sinks[i]?.tickFailed(ticket, fault);
    }
    this.#answered(tickets.length);
  }
}

/** What waits, or its oldest part: nothing is copied unless more waits than one call takes. */
function takeBatch(queue: SeasonQueue): Batch {
  const { waiting, sinks, tickets } = queue;
  const batch = { ticks: waiting, sinks, tickets };
  queue.waiting = waiting.splice(TICK_BATCH_MAX);
  queue.sinks = sinks.splice(TICK_BATCH_MAX);
  queue.tickets = tickets.splice(TICK_BATCH_MAX);
  return batch;
}
