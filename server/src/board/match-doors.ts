/** The doors of matches with limits or a roster: who may tick in them.
 *
 *  The first tick of a player in such a match waits until Postgres has the player in it; all who come in the same turn, or while a
 *  transaction is under way, join together. A verdict is never taken back (nobody leaves a match, and a full one stays full), so it is
 *  kept, and further ticks look it up in a map. A crash loses the map alone: the next first tick asks again. */
import type { MatchRules } from '@photofinish/shared/domain/match-rules';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Match } from './board-store.ts';
import { keepsPlayers, LIMIT_RULES } from './match-limits.ts';
import type { MatchEntry, MatchPlayersStore, MatchVerdict } from './match-players-store.ts';
import { dueAfter, reportEveryMs } from './match-silence.ts';

/** A match with a timeout, as far as this server knows. */
interface Timed {
  limits: MatchRules;
  /** When this server last let a tick in, or learnt that the match goes on. */
  playedAt: number;
  /** Of what Postgres was told last, and when it was. */
  toldAt: number;
  reportedAt: number;
}

/** Of one match. Left out of matches without limits, whose ticks ask nobody. */
export interface MatchDoor {
  /** Resolves when it is known of all of them whether they may pass; undefined when it already is. @throws Fault OVERLOADED */
  learn(players: readonly string[]): Promise<void> | undefined;
  /** @throws Fault when the player may not tick in the match */
  pass(player: string): void;
}

/** Some 200 bytes each. Fewer, and a busy server asks Postgres about the same players again and again. */
const VERDICTS_MAX = 200_000;
/** Players who may wait for Postgres; at the limit first ticks are refused with a time to come back. */
const WAITING_MAX = 20_000;
/** A match that was silent for so many timeouts is over, or played elsewhere. */
const FORGOTTEN_AFTER = 4;
/** Players in one transaction: more would hold the rows of their matches for longer. */
const JOINS_PER_TRANSACTION = 2_000;

interface Waiting {
  entries: MatchEntry[];
  resolve: () => void;
  reject: (error: unknown) => void;
}

interface Deps {
  store: MatchPlayersStore;
  clock: () => number;
}

export class MatchDoors {
  readonly #deps: Deps;
  readonly #verdicts = new Map<string, MatchVerdict>();
  readonly #timed = new Map<string, Timed>();
  readonly #waiting: Waiting[] = [];
  #waitingPlayers = 0;
  #busy = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  of(match: Match): MatchDoor | undefined {
    if (!keepsPlayers(match)) return undefined;
    const { id } = match;
    const timed = match.endedAt === undefined ? this.#timedOf(match) : undefined;
    return {
      learn: (players) => this.#learn(id, players, timed !== undefined && this.#wasSilent(timed)),
      pass: (player) => {
        const verdict = this.#verdicts.get(keyOf(id, player));
        if (verdict?.kind === 'joined') {
          if (timed) timed.playedAt = this.#deps.clock();
          return;
        }
        throw verdict ? refusalOf(verdict) : forgotten(id);
      },
    };
  }

  /** Matches that were ticked through this server since Postgres was told, each when it is due for it. Forgets those that are long silent. */
  played(now: number): { match: string; dueAt: number; reported: () => void }[] {
    const played: { match: string; dueAt: number; reported: () => void }[] = [];
    for (const [match, timed] of this.#timed) {
      const { timeoutMs = 0 } = timed.limits;
      const { playedAt } = timed;
      const dueAt = dueAfter(timed.limits, playedAt);
      if (playedAt > timed.toldAt && dueAt !== null) {
        if (now - timed.reportedAt < reportEveryMs(timeoutMs)) continue;
        played.push({
          ...{ match, dueAt },
          reported: () => {
            timed.toldAt = playedAt;
            timed.reportedAt = now;
          },
        });
      } else if (now - playedAt > FORGOTTEN_AFTER * timeoutMs) this.#timed.delete(match);
    }
    return played;
  }

  #timedOf({ id, limits, startedAt }: Match): Timed | undefined {
    if (limits.timeoutMs === undefined) return undefined;
    let timed = this.#timed.get(id);
    if (!timed) {
      // Of a match that others play nothing is known yet: it counts as silent, and the first tick asks.
      timed = { limits, playedAt: startedAt, toldAt: startedAt, reportedAt: startedAt };
      this.#timed.set(id, timed);
    }
    return timed;
  }

  /** Another server may have given it up since. */
  #wasSilent({ limits, playedAt }: Timed): boolean {
    return this.#deps.clock() - playedAt >= (limits.timeoutMs ?? 0);
  }

  #learn(match: string, players: readonly string[], again: boolean): Promise<void> | undefined {
    const entries: MatchEntry[] = [];
    for (const player of players)
      if (again || !this.#verdicts.has(keyOf(match, player))) entries.push({ match, player });
    if (entries.length === 0) return undefined;
    if (this.#waitingPlayers + entries.length > WAITING_MAX)
      throw new Fault('OVERLOADED', 'too many players are waiting to join a match; try again', {
        limit: `${WAITING_MAX} waiting players`,
        retryAfterMs: 500,
      });
    this.#waitingPlayers += entries.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entries, resolve, reject });
      if (this.#busy) return;
      this.#busy = true;
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#join(this.#takeBatch());
    this.#busy = false;
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let joins = 0;
    while (this.#waiting[0] && joins < JOINS_PER_TRANSACTION) {
      const next = this.#waiting.shift();
      if (!next) break;
      batch.push(next);
      joins += next.entries.length;
    }
    return batch;
  }

  async #join(batch: readonly Waiting[]): Promise<void> {
    const entries = batch.flatMap((waiting) => waiting.entries);
    try {
      const verdicts = await this.#deps.store.join(entries, this.#deps.clock());
      for (const [i, entry] of entries.entries()) this.#keep(entry, verdicts[i]);
      for (const waiting of batch) waiting.resolve();
    } catch (error) {
      for (const waiting of batch) waiting.reject(notJoined(error));
    } finally {
      this.#waitingPlayers -= entries.length;
    }
  }

  #keep({ match, player }: MatchEntry, verdict: MatchVerdict | undefined): void {
    if (!verdict) return;
    this.#verdicts.set(keyOf(match, player), verdict);
    if (this.#verdicts.size <= VERDICTS_MAX) return;
    const oldest = this.#verdicts.keys().next().value;
    if (oldest !== undefined) this.#verdicts.delete(oldest);
  }
}

/** Ids hold no space. */
const keyOf = (match: string, player: string): string => `${match} ${player}`;

/** Whether the player joined or not, the tick was not applied: it may be sent again. */
function notJoined(error: unknown): unknown {
  if (!(error instanceof Fault) || error.code !== 'OUTCOME_UNKNOWN') return error;
  return new Fault('UNAVAILABLE', 'the database did not answer in time whether the player is in the match', {
    field: 'player',
    retryAfterMs: 500,
  });
}

const refusalOf = ({ code, message }: MatchVerdict & { kind: 'refused' }): Fault =>
  new Fault(code, message, {
    ...(code in LIMIT_RULES
      ? { field: 'player', ...LIMIT_RULES[code as keyof typeof LIMIT_RULES] }
      : { field: 'match', limit: 'ticks of matches that go on', fix: 'start another match' }),
  });

const forgotten = (match: string): Fault =>
  new Fault(
    'UNAVAILABLE',
    `match: too many players joined matches while this one joined ${match}; try again`,
    {
      field: 'match',
      retryAfterMs: 500,
    },
  );
