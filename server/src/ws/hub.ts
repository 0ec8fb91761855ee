/** Subscriptions of all connections: one feed per board that somebody watches. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Request } from '@photofinish/shared/protocol/requests';
import type { DurabilityFeedDeps } from './durability-feed.ts';
import { DurabilityFeeds } from './durability-feeds.ts';
import { PlacesFeeds, type PlacesFeedsDeps, type PlacesOf } from './places-feeds.ts';
import { type FeedDeps, TopFeed } from './top-feed.ts';
import type { Reader } from './top-group.ts';

/** What a subscribe request names. */
export type Subscribed = Pick<Request<'subscribe'>, 'board' | 'season' | 'match' | 'bucket' | 'limit'> & {
  view?: Request<'subscribe'>['view'];
  /** Of views `around` and `players`. */
  places?: PlacesOf | undefined;
};

export class Hub {
  readonly #deps: FeedDeps;
  readonly #durability: DurabilityFeeds | undefined;
  readonly #places: PlacesFeeds;
  readonly #feeds = new Map<string, TopFeed>();
  readonly #feedOf = new Map<Reader, TopFeed>();

  /** Without `watermarks` the view `durability` is not served. */
  constructor(deps: FeedDeps & PlacesFeedsDeps & Partial<DurabilityFeedDeps>) {
    this.#deps = deps;
    const { watermarks, log, observer } = deps;
    this.#places = new PlacesFeeds(deps);
    this.#durability = watermarks && new DurabilityFeeds({ watermarks, log, observer });
  }

  get subscriptions(): number {
    return this.#feedOf.size + this.#places.size + (this.#durability?.size ?? 0);
  }

  /** Boards that are being read. */
  get boards(): number {
    return this.#feeds.size;
  }

  /** @returns the members of the subscribe reply that tell the present view, as JSON without braces
   *  @throws Fault BOARD_NOT_FOUND and whatever else reading the board throws; then there is no subscription */
  subscribe(reader: Reader, of: Subscribed): Promise<string> {
    if (of.places) return this.#places.subscribe(reader, of.places);
    if (of.view !== 'durability')
      return this.#subscribeTop(reader, { board: of.board ?? '', bucket: of.bucket, limit: of.limit });
    if (this.#durability) return this.#durability.subscribe(reader, of);
    throw new Fault('INVALID_REQUEST', 'view: this server follows no seasons; send view top', {
      field: 'view',
      fix: 'send view top',
    });
  }

  async #subscribeTop(
    reader: Reader,
    of: { board: string; bucket: string | undefined; limit: number },
  ): Promise<string> {
    const made = new TopFeed(of.board, this.#deps, of.bucket);
    const feed = this.#feeds.get(made.key) ?? made;
    this.#feeds.set(feed.key, feed);
    try {
      const fields = await feed.join(reader, of.limit);
      this.#feedOf.set(reader, feed);
      return fields;
    } finally {
      this.#dropIdle(feed.key);
    }
  }

  /** A reader that is not subscribed is none of its business. */
  unsubscribe(reader: Reader): void {
    this.#durability?.unsubscribe(reader);
    this.#places.unsubscribe(reader);
    const feed = this.#feedOf.get(reader);
    if (!feed) return;
    this.#feedOf.delete(reader);
    feed.leave(reader);
    this.#dropIdle(feed.key);
  }

  stop(): void {
    this.#durability?.stop();
    this.#places.stop();
    for (const feed of this.#feeds.values()) feed.stop();
    this.#feeds.clear();
    this.#feedOf.clear();
  }

  #dropIdle(key: string): void {
    const feed = this.#feeds.get(key);
    if (!feed?.idle) return;
    feed.stop();
    this.#feeds.delete(key);
  }
}
