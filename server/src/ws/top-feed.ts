/** One board's top, read once per interval for all who subscribe to it, at the largest number of entries that any of them wants.
 *
 *  It reads only while somebody subscribes or is about to. A failing read is tried again at the next interval: subscribers keep what
 *  they have, and hear of it by the connection's own means if it lasts. One read is under way at a time. */
import type { Log } from '../observe/log.ts';
import type { GatewayObserver, Services } from './services.ts';
import { cut, type TopView } from './top-diff.ts';
import { type Reader, TopGroup, WindowNews } from './top-group.ts';

export interface FeedDeps {
  reads: Pick<Services['reads'], 'top' | 'window'>;
  intervalMs: number;
  observer: GatewayObserver;
  log: Log;
  clock: () => number;
}

/** Least time between two readings of the window: it is for eyes, and each costs a query. */
const WINDOW_EVERY_MS = 1_000;
/** A reading that began before a joiner with a larger limit came is too short for it; the one after it is not. */
const READINGS_PER_JOIN_MAX = 3;

export class TopFeed {
  readonly board: string;
  readonly #bucket: string | undefined;
  readonly #deps: FeedDeps;
  readonly #groups = new Map<number, TopGroup>();
  readonly #readers = new Map<Reader, TopGroup>();
  /** Limits of those who wait for their first view. */
  readonly #joining: number[] = [];
  readonly #window: WindowNews;
  /** The last reading, and how many entries it asked for. */
  #latest: { view: TopView; limit: number } | undefined;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failing = false;
  #windowAt = 0;
  #windowBusy = false;

  /** @param bucket of the board; its whole ranking when left out */
  constructor(board: string, deps: FeedDeps, bucket?: string) {
    this.board = board;
    this.#bucket = bucket;
    this.#deps = deps;
    this.#window = new WindowNews(deps.observer);
  }

  /** Tells feeds apart. */
  get key(): string {
    return this.#bucket === undefined ? this.board : `${this.board} ${this.#bucket}`;
  }

  get idle(): boolean {
    return this.#readers.size === 0 && this.#joining.length === 0;
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Adds the reader; what it is to be told first is the answer: the members of a subscribe reply, without braces.
   *  At most one interval old. @throws Fault as `reads.top` does, and then the reader is not added */
  async join(reader: Reader, limit: number): Promise<string> {
    this.#joining.push(limit);
    try {
      for (let i = 0; i < READINGS_PER_JOIN_MAX && !this.#covers(limit); i++) await this.#read();
    } finally {
      this.#joining.splice(this.#joining.indexOf(limit), 1);
    }
    const view = this.#latest?.view;
    if (!view) throw new Error('a board was read without an answer');
    const group = this.#groups.get(limit) ?? new TopGroup(limit, cut(view, limit), this.#deps.observer);
    this.#groups.set(limit, group);
    this.#readers.set(reader, group);
    group.add(reader);
    this.#schedule(this.#deps.intervalMs);
    return group.fields;
  }

  /** Whoever holds the feed stops it when it is idle then. */
  leave(reader: Reader): void {
    const group = this.#readers.get(reader);
    if (!group) return;
    this.#readers.delete(reader);
    this.#window.forget(reader);
    group.remove(reader);
    if (group.size === 0) this.#groups.delete(group.limit);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Whether the last reading can begin a subscription to `limit` entries. It is never old: an idle feed is thrown away. */
  #covers(limit: number): boolean {
    const latest = this.#latest;
    if (!latest || this.#failing) return false;
    return limit <= latest.limit || latest.view.entries.length < latest.limit;
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    const limit = Math.max(...this.#joining, ...this.#groups.keys());
    try {
      const view = await this.#deps.reads.top({ board: this.board, bucket: this.#bucket, limit });
      this.#latest = { view, limit };
      this.#failing = false;
    } catch (error) {
      this.#failing = true;
      throw error;
    }
    for (const group of this.#groups.values()) group.advance(cut(this.#latest.view, group.limit));
  }

  #schedule(inMs: number): void {
    if (this.#timer || this.idle) return;
    this.#timer = setTimeout(() => void this.#tick(), inMs);
    this.#timer.unref();
  }

  async #tick(): Promise<void> {
    const startedAt = this.#deps.clock();
    const wasFailing = this.#failing;
    try {
      await this.#read();
      void this.#readWindow(startedAt);
    } catch (error) {
      if (!wasFailing)
        this.#deps.log.warn(
          { err: error, board: this.board },
          'subscribed board could not be read; it is tried again',
        );
    }
    this.#timer = undefined;
    this.#schedule(Math.max(0, this.#deps.intervalMs - (this.#deps.clock() - startedAt)));
  }

  async #readWindow(now: number): Promise<void> {
    const season = this.#latest?.view.season;
    if (season === undefined || this.#windowBusy || now - this.#windowAt < WINDOW_EVERY_MS) return;
    this.#windowAt = now;
    this.#windowBusy = true;
    try {
      this.#window.set(await this.#deps.reads.window(season));
      this.#window.tell(this.#readers.keys());
    } catch (error) {
      this.#deps.log.debug({ err: error, board: this.board }, 'window could not be read; it is tried again');
    } finally {
      this.#windowBusy = false;
    }
  }
}
