/** The subscribers of one board that want the same number of entries. Their news is encoded once.
 *
 *  Invariant: a member that is not `behind` holds exactly `#view`; one that is behind gets the whole view as soon as it can take it.
 *  So a slow reader skips steps and never sees a mix of two. */
import { News } from './news.ts';
import type { GatewayObserver } from './services.ts';
import { changeBetween, type TopDelta, type TopView } from './top-diff.ts';

/** Where news of one subscription goes. */
export interface Reader {
  /** The subscription's number on its connection. */
  readonly number: number;
  /** Whether a push may go out now: the subscribe reply has left, and the connection is not congested. */
  ready(): boolean;
  /** @param frame the document framed already, where it is told to many */
  push(document: string, frame?: Buffer): void;
}

const tell = (reader: Reader, news: News): void => {
  const { document, frame } = news.to(reader.number);
  reader.push(document, frame);
};

export class TopGroup {
  readonly limit: number;
  readonly #observer: GatewayObserver;
  readonly #members = new Set<Reader>();
  readonly #behind = new Set<Reader>();
  #view: TopView;
  #fields: string | undefined;

  constructor(limit: number, view: TopView, observer: GatewayObserver) {
    this.limit = limit;
    this.#view = view;
    this.#observer = observer;
  }

  get size(): number {
    return this.#members.size;
  }

  /** The members of the view's JSON, without braces: what the subscribe reply carries. */
  get fields(): string {
    this.#fields ??= JSON.stringify(this.#view).slice(1, -1);
    return this.#fields;
  }

  /** The reader is taken to hold the view that `fields` gave just now. */
  add(reader: Reader): void {
    this.#members.add(reader);
  }

  remove(reader: Reader): boolean {
    this.#behind.delete(reader);
    return this.#members.delete(reader);
  }

  advance(next: TopView): void {
    const change = changeBetween(this.#view, next);
    if (change === 'same') {
      if (this.#behind.size > 0) this.#pushWhole([...this.#behind]);
      return;
    }
    const before = this.#view;
    this.#view = next;
    this.#fields = undefined;
    if (change === 'whole') this.#pushWhole([...this.#members]);
    else this.#pushDelta(before, change);
  }

  #pushDelta(before: TopView, delta: TopDelta): void {
    const { season, epoch, version, total } = this.#view;
    const from = { epoch: before.epoch, version: before.version };
    const news = new News('delta', {
      season,
      from,
      epoch,
      version,
      total,
      length: delta.length,
      changed: delta.changed,
    });
    const late: Reader[] = [];
    let pushed = 0;
    for (const reader of this.#members) {
      if (this.#behind.size > 0 && this.#behind.has(reader)) late.push(reader);
      else if (reader.ready()) {
        tell(reader, news);
        pushed++;
      } else this.#behind.add(reader);
    }
    this.#observer.pushed('delta', pushed);
    if (late.length > 0) this.#pushWhole(late);
  }

  #pushWhole(readers: readonly Reader[]): void {
    const { season, state, epoch, version, total, entries } = this.#view;
    let news: News | undefined;
    let pushed = 0;
    for (const reader of readers) {
      if (!reader.ready()) {
        this.#behind.add(reader);
        continue;
      }
      news ??= new News('snapshot', { season, state, epoch, version, total, entries });
      tell(reader, news);
      this.#behind.delete(reader);
      pushed++;
    }
    this.#observer.pushed('snapshot', pushed);
  }
}

/** One board's consistency window, as its subscribers were last told it. */
export class WindowNews {
  readonly #observer: GatewayObserver;
  readonly #told = new Map<Reader, News>();
  #body = '';
  #news: News | undefined;

  constructor(observer: GatewayObserver) {
    this.#observer = observer;
  }

  set(window: { season: string; dirty: number; oldestDirtyMs: number }): void {
    const { season, dirty, oldestDirtyMs } = window;
    const body = { season, dirty, oldestDirtyMs };
    const text = JSON.stringify(body);
    if (text === this.#body) return;
    this.#body = text;
    this.#news = new News('window', body);
  }

  /** Tells those that can take it and were told something else last. */
  tell(readers: Iterable<Reader>): void {
    const news = this.#news;
    if (!news) return;
    let pushed = 0;
    for (const reader of readers) {
      if (this.#told.get(reader) === news || !reader.ready()) continue;
      this.#told.set(reader, news);
      tell(reader, news);
      pushed++;
    }
    this.#observer.pushed('window', pushed);
  }

  forget(reader: Reader): void {
    this.#told.delete(reader);
  }
}
