/** How far one season is committed, read once per interval for all who follow it.
 *
 *  A follower of a board moves on with it: the season that ends is told once more, when its last flush is over, and then the next one.
 *  A reading that fails is tried again at the next interval, and nobody is told anything meanwhile: what is not known to be committed is
 *  not. Invariant: each follower has been sent the newest reading, or gets it as soon as it can take it. */
import type { Season } from '../board/board-store.ts';
import type { Followed, Watermarks, WatermarkView } from '../board/watermarks.ts';
import type { Log } from '../observe/log.ts';
import type { GatewayObserver } from './services.ts';
import type { Reader } from './top-group.ts';

export interface DurabilityFeedDeps {
  watermarks: Pick<Watermarks, 'season' | 'read'>;
  log: Log;
  observer: GatewayObserver;
}

/** A flush comes every two seconds, unless the board says otherwise: more often, and most readings would say nothing new. */
const READ_EVERY_MS = 500;

const textOf = (view: WatermarkView): string => JSON.stringify(view).slice(1);

export class DurabilityFeed {
  readonly #of: Followed;
  readonly #deps: DurabilityFeedDeps;
  /** What each was told last. */
  readonly #readers = new Map<Reader, string>();
  #season: Season | undefined;
  #latest: string | undefined;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #joining = 0;
  #stopped = false;

  constructor(of: Followed, deps: DurabilityFeedDeps) {
    this.#of = of;
    this.#deps = deps;
  }

  get idle(): boolean {
    return this.#readers.size === 0 && this.#joining === 0;
  }

  /** @returns what a subscribe reply tells, as JSON without braces. @throws Fault as reading does; then nothing is followed */
  async join(reader: Reader): Promise<string> {
    this.#joining++;
    try {
      // A reading of before may be of an epoch that is over since: who comes back after a loss must hear of the new one.
      await this.#reading?.catch(() => undefined);
      await this.#read();
    } finally {
      this.#joining--;
    }
    const text = this.#latest ?? '';
    this.#readers.set(reader, text);
    this.#schedule();
    return `"board":${JSON.stringify(this.#season?.board)},${text.slice(0, -1)}`;
  }

  leave(reader: Reader): void {
    this.#readers.delete(reader);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    const { watermarks } = this.#deps;
    const before = this.#season;
    const season = await watermarks.season(this.#of);
    if (before && before.id !== season.id)
      this.#tell(textOf(await watermarks.read({ ...before, state: 'closed' })));
    const text = textOf(await watermarks.read(season));
    this.#season = season;
    this.#tell(text);
  }

  #tell(text: string): void {
    this.#latest = text;
    let told = 0;
    for (const [reader, last] of this.#readers) {
      if (last === text || !reader.ready()) continue;
      reader.push(`{"type":"watermark","subscription":${reader.number},${text}`);
      this.#readers.set(reader, text);
      told++;
    }
    if (told > 0) this.#deps.observer.pushed('watermark', told);
  }

  #schedule(): void {
    if (this.#timer || this.#stopped || this.idle) return;
    this.#timer = setTimeout(() => void this.#tick(), READ_EVERY_MS);
    this.#timer.unref();
  }

  async #tick(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      this.#deps.log.debug(
        { err: error, ...this.#of },
        'followed season could not be read; it is tried again',
      );
    }
    this.#timer = undefined;
    this.#schedule();
  }
}
