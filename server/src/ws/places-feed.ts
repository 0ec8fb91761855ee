/** The view `around` or `players` of one board, for all who want the same: read, compared with the reading before, and told whole where something
 *  differs. Such views are a screenful, so that a delta would save little.
 *
 *  Invariant: each reader has been sent the newest reading, or gets it as soon as it can take it: a slow one skips steps. A reading that fails
 *  is tried again in the next round, and nobody is told anything meanwhile. */
import type { PlayerRank, RankedEntry, ReadHead } from '@photofinish/shared/protocol/reads';
import { News } from './news.ts';
import type { GatewayObserver } from './services.ts';
import type { Reader } from './top-group.ts';

export type PlacesView = ReadHead & { entries: readonly (PlayerRank | RankedEntry)[] };

export class PlacesFeed {
  readonly #read: () => Promise<PlacesView>;
  readonly #observer: GatewayObserver;
  /** What each was told last: what is seen of a view, as text. */
  readonly #readers = new Map<Reader, string>();
  #latest: { view: PlacesView; seen: string; news?: News } | undefined;
  #reading: Promise<void> | undefined;
  #joining = 0;

  constructor(read: () => Promise<PlacesView>, observer: GatewayObserver) {
    this.#read = read;
    this.#observer = observer;
  }

  get idle(): boolean {
    return this.#readers.size === 0 && this.#joining === 0;
  }

  /** @returns the members of a subscribe reply, without braces. @throws Fault as reading does, and then the reader is not added */
  async join(reader: Reader): Promise<string> {
    this.#joining++;
    try {
      if (!this.#latest) await this.refresh();
    } finally {
      this.#joining--;
    }
    if (!this.#latest) throw new Error('places were read without an answer');
    const { view, seen } = this.#latest;
    this.#readers.set(reader, seen);
    return JSON.stringify(view).slice(1, -1);
  }

  leave(reader: Reader): void {
    this.#readers.delete(reader);
  }

  /** Reads, and tells who holds something else. One reading is under way at a time. */
  refresh(): Promise<void> {
    this.#reading ??= this.#refresh().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #refresh(): Promise<void> {
    const view = await this.#read();
    const { season, state, epoch, total, bucket, entries } = view;
    const seen = JSON.stringify([season, state, epoch, total, bucket, entries]);
    if (this.#latest?.seen !== seen) this.#latest = { view, seen };
    this.#tell(this.#latest);
  }

  #tell(latest: { view: PlacesView; seen: string; news?: News }): void {
    let told = 0;
    for (const [reader, last] of this.#readers) {
      if (last === latest.seen || !reader.ready()) continue;
      latest.news ??= newsOf(latest.view);
      const { document, frame } = latest.news.to(reader.number);
      reader.push(document, frame);
      this.#readers.set(reader, latest.seen);
      told++;
    }
    if (told > 0) this.#observer.pushed('places', told);
  }
}

function newsOf({ season, state, epoch, version, bucket, total, entries }: PlacesView): News {
  const place = bucket === undefined ? {} : { bucket };
  return new News('places', { season, state, epoch, version, ...place, total, entries });
}
