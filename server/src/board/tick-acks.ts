/** What a board's ticks are answered with, and only once they have it.
 *
 *    cache     the script's own answer: nothing to wait for, and nothing of this file is on its way
 *    aof       fsynced in Redis's append-only file      proved by redis/ack-lane.ts
 *    replica   on as many replicas as the board says    proved by redis/ack-lane.ts
 *    database  committed in Postgres                    policy `through`: a flush of its season, shared by all who wait
 *
 *  Invariant: a tick that was applied and has not earned its ack is answered OUTCOME_UNKNOWN, never with a weaker ack. It stays dirty,
 *  so the next flush has it all the same; a resend is a repeat, which waits for the ack again. */
import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Ack } from '@photofinish/shared/protocol/replies';
import type { Log } from '../observe/log.ts';
import type { LiveSeason, Position } from './live-board.ts';

export interface Acked extends Position {
  ack: Ack;
}

/** What is proved by Redis beyond its memory. */
export type Proof = { ack: 'aof' } | { ack: 'replica'; replicas: number };

/** Port: implemented by redis/. */
export interface AckProver {
  /** Why this Redis cannot give the proof, as it is set up now; undefined when it can. @throws Fault UNAVAILABLE */
  whyNot(proof: Proof): Promise<{ problem: string; fix: string } | undefined>;
  /** Resolves when the season's changes up to `position` have it. @throws Fault OUTCOME_UNKNOWN */
  prove(proof: Proof, season: LiveSeason, position: Position): Promise<void>;
}

interface Deps {
  prover: AckProver;
  /** Resolves when the season's changes up to `position` are committed. */
  commit(season: LiveSeason, position: Position): Promise<void>;
  /** Those of the players whose row Postgres refuses: it was parked, and counts as flushed without being in the snapshot. */
  parked(season: LiveSeason, players: readonly string[]): Promise<readonly string[]>;
  clock: () => number;
  log: Log;
}

/** How long an answer of `whyNot` is believed. Every proof is checked by itself, so an old yes costs a tick of unknown outcome, no more. */
const BELIEVED_MS = 1_000;

export interface Earned {
  ack: Ack;
  without: ReadonlySet<string>;
}

const NOBODY: ReadonlySet<string> = new Set();

interface Belief {
  until: number;
  fault: Promise<Fault | undefined>;
}

export class TickAcks {
  readonly #deps: Deps;
  readonly #beliefs = new Map<string, Belief>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** False: the script's answer is the ack. */
  needsMore(board: Board): boolean {
    return board.ticks.policy === 'through' || board.ticks.ack !== 'cache';
  }

  /** @throws Fault ACK_UNAVAILABLE before anything is done, when Redis cannot give the board's ack */
  async assertAvailable(board: Board): Promise<void> {
    const fault = await this.#refusal(board);
    if (fault) throw fault;
  }

  /** The same for a board that is about to be made. @throws Fault INVALID_REQUEST */
  async assertPossible(board: Board): Promise<void> {
    const fault = await this.#refusal(board);
    if (fault) throw new Fault('INVALID_REQUEST', fault.message, fault.detail);
  }

  /** Says of each board whose ticks are refused, why. For start, and when a season opens. */
  async report(boards: readonly Board[]): Promise<void> {
    for (const board of boards) {
      const fault = await this.#refusal(board).catch((error: unknown) => error);
      if (fault) this.#deps.log.error({ err: fault, board: board.id }, 'board is not served for ticks');
    }
  }

  /** @returns the ack that the season's changes up to `position` now have, and those of the players whose changes have none.
   *  @throws Fault OUTCOME_UNKNOWN */
  async earn(season: LiveSeason, position: Position, players: readonly string[]): Promise<Earned> {
    try {
      const proof = proofOf(season.board);
      if (proof) {
        await this.#deps.prover.prove(proof, season, position);
        return { ack: proof.ack, without: NOBODY };
      }
      await this.#deps.commit(season, position);
      return { ack: 'database', without: new Set(await this.#deps.parked(season, [...new Set(players)])) };
    } catch (error) {
      if (error instanceof Fault && error.code === 'OUTCOME_UNKNOWN') throw error;
      this.#deps.log.warn({ err: error, season: season.id }, 'ticks applied, but their ack was not earned');
      throw notEarned('its commit did not come through');
    }
  }

  #refusal(board: Board): Promise<Fault | undefined> {
    const proof = proofOf(board);
    if (!proof) return Promise.resolve(undefined);
    const key = proof.ack === 'replica' ? `replica ${proof.replicas}` : proof.ack;
    const now = this.#deps.clock();
    let belief = this.#beliefs.get(key);
    if (!belief || now >= belief.until) {
      belief = { until: now + BELIEVED_MS, fault: this.#ask(proof, board) };
      // Redis did not answer: asked again by the next batch.
      belief.fault.catch(() => this.#beliefs.delete(key));
      this.#beliefs.set(key, belief);
    }
    return belief.fault;
  }

  async #ask(proof: Proof, board: Board): Promise<Fault | undefined> {
    const why = await this.#deps.prover.whyNot(proof);
    if (!why) return undefined;
    return new Fault(
      'ACK_UNAVAILABLE',
      `ticks.ack: board ${board.id} asks for ${proof.ack}, which this Redis cannot give: ${why.problem}; ${why.fix}`,
      { field: 'ticks.ack', limit: why.problem, fix: why.fix, retryAfterMs: BELIEVED_MS },
    );
  }
}

function proofOf({ ticks }: Board): Proof | undefined {
  if (ticks.policy === 'through' || ticks.ack === 'cache') return undefined;
  return ticks.ack === 'aof' ? { ack: 'aof' } : { ack: 'replica', replicas: ticks.replicas };
}

/** Of a tick that Redis applied. */
export const notEarned = (why: string): Fault =>
  new Fault(
    'OUTCOME_UNKNOWN',
    `the tick is in Redis, but ${why}: it may be kept or lost; send the same again, a repeat changes nothing`,
    { fix: 'send the same again', retryAfterMs: 500 },
  );

/** Of a tick of policy `through` whose row is parked. */
export const isParked = (): Fault =>
  new Fault(
    'OUTCOME_UNKNOWN',
    'the tick is in Redis, but Postgres refuses its row, which was parked: it is committed once an admin has it retried',
    { fix: 'send the same again later', retryAfterMs: 5_000 },
  );
