/** What this server last knew of matches and standings, to judge finals by without asking first (`finals.rate`).
 *
 *  It may be wrong at any time: another server writes too. So nothing that is judged by it is stored unless the database finds, under lock,
 *  that it still holds (queries/store-finals.ts). What never changes of a match, or changes with the rules of its board, is read again
 *  every so often, as the catalogue does. */
import type { Sql } from './connection.ts';
import type { Judgement, MatchInSeason, Standing } from './final-judgement.ts';
import { findMatches, findStandings, type Owner, standingOf } from './queries/find-held.ts';

/** Some 300 bytes each. Fewer, and a busy server asks for the same standings again and again. */
const STANDINGS_MAX = 50_000;
const MATCHES_MAX = 10_000;
/** How late changed rules of a board are noticed. */
const MATCH_FRESH_MS = 1_000;
/** What is in use is read again from this age on, beside the finals and not before them (`finals.rate`). Much lower, and that is a
 *  read for every transaction. */
const MATCH_RENEWED_MS = 400;

interface KnownMatch {
  match: MatchInSeason;
  readAt: number;
}

interface NamingGroup {
  match: string;
  finals: readonly { player: string }[];
}

type Read = <T>(work: (sql: Sql) => PromiseLike<T>) => Promise<T>;

export interface Known {
  /** Those that there are. */
  matches: readonly MatchInSeason[];
  standings: readonly Standing[];
}

export class KnownFinals {
  readonly #matches = new Map<string, KnownMatch>();
  /** Matches in use that are to be read again, and when that was done last. */
  readonly #aging = new Set<string>();
  #renewedAt = 0;
  /** Least lately stored first. */
  readonly #standings = new Map<string, Standing>();

  /** What is known, and the rest read by `read`. */
  async of(groups: readonly NamingGroup[], read: Read): Promise<Known> {
    const now = performance.now();
    const found = new Map<string, MatchInSeason>();
    const unknown = new Set<string>();
    for (const { match: name } of groups) {
      const known = this.#matches.get(name);
      if (known === undefined || now - known.readAt >= MATCH_FRESH_MS) unknown.add(name);
      else {
        found.set(name, known.match);
        if (now - known.readAt >= MATCH_RENEWED_MS) this.#aging.add(name);
      }
    }
    if (unknown.size > 0)
      for (const match of await read((sql) => findMatches(sql, [...unknown]))) {
        found.set(match.id, match);
        this.#keep(this.#matches, match.id, { match, readAt: now }, MATCHES_MAX);
      }
    if (this.#aging.size > 0 && now - this.#renewedAt >= MATCH_RENEWED_MS / 2) {
      this.#renewedAt = now;
      void this.#renew(now, read);
    }
    return { matches: [...found.values()], standings: await this.#standingsOf(groups, found, read) };
  }

  /** All that grow old, at once. One that was forgotten meanwhile stays so. When it fails, they are read when they are too old. */
  async #renew(now: number, read: Read): Promise<void> {
    const before = new Map([...this.#aging].map((name) => [name, this.#matches.get(name)]));
    this.#aging.clear();
    try {
      for (const match of await read((sql) => findMatches(sql, [...before.keys()]))) {
        const known = this.#matches.get(match.id);
        if (known && known === before.get(match.id)) this.#matches.set(match.id, { match, readAt: now });
      }
    } catch {}
  }

  /** They were stored like this. */
  note({ standings, ended }: Pick<Judgement, 'standings' | 'ended'>): void {
    for (const standing of standings)
      this.#keep(this.#standings, keyOf(standing.season, standing.player), standing, STANDINGS_MAX);
    for (const { match } of ended) this.#matches.delete(match);
  }

  /** What is known of them may be wrong. */
  forget(groups: readonly NamingGroup[]): void {
    for (const { match, finals } of groups) {
      const season = this.#matches.get(match)?.match.season ?? '';
      for (const { player } of finals) this.#standings.delete(keyOf(season, player));
    }
    for (const { match } of groups) this.#matches.delete(match);
  }

  async #standingsOf(
    groups: readonly NamingGroup[],
    matches: ReadonlyMap<string, MatchInSeason>,
    read: Read,
  ): Promise<Standing[]> {
    const found = new Map<string, Standing>();
    const unknown = new Map<string, Owner>();
    for (const { match, finals } of groups) {
      const season = matches.get(match)?.season;
      if (season === undefined) continue;
      for (const { player } of finals) {
        const key = keyOf(season, player);
        const known = this.#standings.get(key);
        if (known) found.set(key, known);
        else unknown.set(key, { season, player });
      }
    }
    if (unknown.size > 0) {
      const rows = await read((sql) => findStandings(sql, [...unknown.values()], { locked: false }));
      for (const row of rows) found.set(keyOf(row.season, row.player), standingOf(row));
    }
    return [...found.values()];
  }

  #keep<T>(map: Map<string, T>, key: string, value: T, max: number): void {
    map.delete(key);
    map.set(key, value);
    if (map.size <= max) return;
    const oldest = map.keys().next().value;
    if (oldest !== undefined) map.delete(oldest);
  }
}

/** Ids hold no space. */
const keyOf = (season: string, player: string): string => `${season} ${player}`;
