/** Names of players beside their entries, from a bounded cache over Postgres.
 *
 *  A read never waits long for a name, and never fails for want of one. What is fresh is shown; what is old is shown and asked for anew
 *  behind the reader's back; what is not known is waited for a moment, once, in one query for all who wait. While Postgres does not answer
 *  nothing is asked, and what was known stays for a minute; after that entries are shown by their ids. */
import type { Log } from '../observe/log.ts';
import type { PlayerStore } from './player-store.ts';

/** About 150 bytes each. Fewer, and a busy server asks about the same players again and again. */
const NAMES_MAX = 100_000;
/** How late a name given through another server is seen. */
const FRESH_MS = 5_000;
/** How long a name is shown that Postgres could not be asked about. */
const SHOWN_MS = 60_000;
/** Longer, and a slow Postgres slows reads that Redis answers. */
const WAIT_MS = 100;
/** Names in one query. */
const ASKED_MAX = 1_000;
/** After a failure nothing is asked for so long. */
const PAUSE_MS = 1_000;

interface Known {
  name: string | undefined;
  at: number;
}

type Named<T> = T & { name?: string };

interface Deps {
  store: Pick<PlayerStore, 'names'>;
  /** Milliseconds; only differences matter. */
  clock: () => number;
  log: Log;
}

export class Names {
  readonly #deps: Deps;
  /** In the order in which they were learnt: the first are the oldest. */
  readonly #known = new Map<string, Known>();
  readonly #wanted = new Set<string>();
  #asking: Promise<void> | undefined;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The same entries, each with its player's name where it has one that is known. Rejects never. */
  async decorate<T extends { player: string }>(entries: readonly T[]): Promise<Named<T>[]> {
    if (this.#isMissing(entries)) await this.#moment();
    const now = this.#deps.clock();
    return entries.map((entry) => {
      const known = this.#known.get(entry.player);
      return known?.name === undefined || now - known.at > SHOWN_MS ? entry : { ...entry, name: known.name };
    });
  }

  /** What this server has just learnt. */
  note(player: string, name: string | undefined): void {
    this.#known.delete(player);
    this.#known.set(player, { name, at: this.#deps.clock() });
    if (this.#known.size <= NAMES_MAX) return;
    const oldest = this.#known.keys().next().value;
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  /** Asks for what is not known or old. @returns whether the reader should wait for it */
  #isMissing(entries: readonly { player: string }[]): boolean {
    const now = this.#deps.clock();
    if (now < this.#pausedUntil) return false;
    let missing = false;
    for (const { player } of entries) {
      const known = this.#known.get(player);
      if (known && now - known.at <= FRESH_MS) continue;
      if (this.#wanted.size < NAMES_MAX) this.#wanted.add(player);
      missing ||= known === undefined || now - known.at > SHOWN_MS;
    }
    if (this.#wanted.size > 0)
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined;
      });
    return missing;
  }

  async #ask(): Promise<void> {
    // In a later turn, so that reads of one turn share a query.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#wanted.size > 0) {
      const players = [...this.#wanted].slice(0, ASKED_MAX);
      for (const player of players) this.#wanted.delete(player);
      try {
        const names = await this.#deps.store.names(players);
        for (const player of players) this.note(player, names.get(player));
      } catch (error) {
        this.#wanted.clear();
        this.#pausedUntil = this.#deps.clock() + PAUSE_MS;
        this.#deps.log.debug({ err: error }, 'names of players could not be read; they are left out');
      }
    }
  }

  async #moment(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, WAIT_MS);
    });
    await Promise.race([this.#asking, late]);
    clearTimeout(timer);
  }
}
