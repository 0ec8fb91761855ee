/** Subscriptions of all connections: one feed per board that somebody watches. */
import { type FeedDeps, TopFeed } from './top-feed.ts';
import type { Reader } from './top-group.ts';

export class Hub {
  readonly #deps: FeedDeps;
  readonly #feeds = new Map<string, TopFeed>();
  readonly #feedOf = new Map<Reader, TopFeed>();

  constructor(deps: FeedDeps) {
    this.#deps = deps;
  }

  get subscriptions(): number {
    return this.#feedOf.size;
  }

  /** Boards that are being read. */
  get boards(): number {
    return this.#feeds.size;
  }

  /** @returns the members of the subscribe reply that tell the present view, as JSON without braces
   *  @throws Fault BOARD_NOT_FOUND and whatever else reading the board throws; then there is no subscription */
  async subscribe(reader: Reader, of: { board: string; limit: number }): Promise<string> {
    const feed = this.#feeds.get(of.board) ?? new TopFeed(of.board, this.#deps);
    this.#feeds.set(of.board, feed);
    try {
      const fields = await feed.join(reader, of.limit);
      this.#feedOf.set(reader, feed);
      return fields;
    } finally {
      this.#dropIdle(of.board);
    }
  }

  /** A reader that is not subscribed is none of its business. */
  unsubscribe(reader: Reader): void {
    const feed = this.#feedOf.get(reader);
    if (!feed) return;
    this.#feedOf.delete(reader);
    feed.leave(reader);
    this.#dropIdle(feed.board);
  }

  stop(): void {
    for (const feed of this.#feeds.values()) feed.stop();
    this.#feeds.clear();
    this.#feedOf.clear();
  }

  #dropIdle(board: string): void {
    const feed = this.#feeds.get(board);
    if (!feed?.idle) return;
    feed.stop();
    this.#feeds.delete(board);
  }
}
