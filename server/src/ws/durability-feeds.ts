/** Followers of seasons, of all connections: one feed per board and per season that somebody follows. */
import type { Followed } from '../board/watermarks.ts';
import { DurabilityFeed, type DurabilityFeedDeps } from './durability-feed.ts';
import type { Reader } from './top-group.ts';

export class DurabilityFeeds {
  readonly #deps: DurabilityFeedDeps;
  readonly #feeds = new Map<string, DurabilityFeed>();
  readonly #keyOf = new Map<Reader, string>();

  constructor(deps: DurabilityFeedDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#keyOf.size;
  }

  /** @returns what the subscribe reply tells, as JSON without braces. @throws Fault */
  async subscribe(reader: Reader, of: Followed): Promise<string> {
    // All matches of a season share its feed.
    const followed =
      of.board === undefined ? { season: (await this.#deps.watermarks.season(of)).id } : { board: of.board };
    const key = followed.board === undefined ? `season ${followed.season}` : `board ${followed.board}`;
    const feed = this.#feeds.get(key) ?? new DurabilityFeed(followed, this.#deps);
    this.#feeds.set(key, feed);
    try {
      const fields = await feed.join(reader);
      this.#keyOf.set(reader, key);
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
    for (const feed of this.#feeds.values()) feed.stop();
    this.#feeds.clear();
    this.#keyOf.clear();
  }

  #dropIdle(key: string): void {
    const feed = this.#feeds.get(key);
    if (!feed?.idle) return;
    feed.stop();
    this.#feeds.delete(key);
  }
}
