/** Views `around` and `players` of all connections: one feed per question, shared by all who ask the same.
 *
 *  They are read in rounds, a few at a time. The next round begins an interval after the last one began, or when that one is over: many
 *  different views make each of them later, and Redis never busier than with so many readings at a time. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Log } from '../observe/log.ts';
import { PlacesFeed, type PlacesView } from './places-feed.ts';
import type { GatewayObserver, Services } from './services.ts';
import type { Reader } from './top-group.ts';

/** What is asked, who asks filled in. */
export type PlacesOf =
  | {
      view: 'around';
      board: string;
      bucket?: string | undefined;
      player: string;
      above: number;
      below: number;
    }
  /** `own`: those of the players that the reader is told are hidden. */
  | { view: 'players'; board: string; players: readonly string[]; own: readonly string[] };

export interface PlacesFeedsDeps {
  reads: Pick<Services['reads'], 'around' | 'ranks'>;
  intervalMs: number;
  observer: GatewayObserver;
  log: Log;
  clock: () => number;
}

/** Readings under way together. More make a round of many views shorter, and ticks wait behind as many reads in Redis. */
const READINGS_AT_ONCE = 8;

export class PlacesFeeds {
  readonly #deps: PlacesFeedsDeps;
  readonly #feeds = new Map<string, PlacesFeed>();
  readonly #keyOf = new Map<Reader, string>();
  #timer: NodeJS.Timeout | undefined;
  #failing = false;
  #stopped = false;

  constructor(deps: PlacesFeedsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#keyOf.size;
  }

  /** @returns what the subscribe reply tells, as JSON without braces. @throws Fault as reading does; then there is no subscription */
  async subscribe(reader: Reader, of: PlacesOf): Promise<string> {
    const key = JSON.stringify(of);
    const { reads, observer } = this.#deps;
    const feed = this.#feeds.get(key) ?? new PlacesFeed(() => readPlaces(reads, of), observer);
    this.#feeds.set(key, feed);
    try {
      const fields = await feed.join(reader);
      this.#keyOf.set(reader, key);
      this.#schedule(this.#deps.intervalMs);
      return fields;
    } finally {
      this.#dropIdle(key);
    }
  }

  unsubscribe(reader: Reader): void {
    const key = this.#keyOf.get(reader);
    if (key === undefined) return;
    this.#keyOf.delete(reader);
    this.#feeds.get(key)?.leave(reader);
    this.#dropIdle(key);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#feeds.clear();
    this.#keyOf.clear();
  }

  #dropIdle(key: string): void {
    if (this.#feeds.get(key)?.idle) this.#feeds.delete(key);
  }

  #schedule(inMs: number): void {
    if (this.#timer || this.#stopped || this.#feeds.size === 0) return;
    this.#timer = setTimeout(() => void this.#round(), inMs);
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    const startedAt = this.#deps.clock();
    // One iterator for all: each takes the next feed that nobody has taken.
    const feeds = [...this.#feeds.values()].values();
    const failures = await Promise.all(
      Array.from({ length: READINGS_AT_ONCE }, async () => {
        let failure: unknown;
        for (const feed of feeds) failure = (await feed.refresh().catch((error) => error)) ?? failure;
        return failure;
      }),
    );
    const err = failures.find((failure) => failure !== undefined);
    if (err !== undefined && !this.#failing)
      this.#deps.log.warn({ err }, 'subscribed places could not be read; they are tried again');
    this.#failing = err !== undefined;
    this.#timer = undefined;
    this.#schedule(Math.max(0, this.#deps.intervalMs - (this.#deps.clock() - startedAt)));
  }
}

/** A player without an entry is followed too: until the first score there is nobody around it. */
async function readPlaces(reads: PlacesFeedsDeps['reads'], of: PlacesOf): Promise<PlacesView> {
  if (of.view === 'players') {
    const { board, players, own } = of;
    return reads.ranks({ board, players, seesHidden: (player) => own.includes(player) });
  }
  try {
    return await reads.around(of);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PLAYER_NOT_FOUND') throw error;
    const { board, player } = of;
    return { ...(await reads.ranks({ board, players: [player] })), entries: [] };
  }
}
