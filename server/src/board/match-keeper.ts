/** Gives silent matches up: tells Postgres which matches were played, ends those that were not, and takes what their ticks left out of Redis.
 *
 *    report     a match that was ticked through this server is given up later       once per eighth of its timeout
 *    abandon    Postgres ends what is due, under the match's lock                    one server, once
 *    drop       provisional scores of its players leave Redis                        again and again, until
 *    done       a drop changes nothing, what it changed is committed, and every server must have heard of it
 *
 *  A crash between any two of these costs a repeat. */

import { takesFinals } from '@photofinish/shared/domain/season';
import { Fault } from '@photofinish/shared/protocol/errors';
import { type Warmer, whenWarm } from '../flush/warmer.ts';
import type { Log } from '../observe/log.ts';
import type { Match } from './board-store.ts';
import type { Catalogue } from './catalogue.ts';
import { matchNotFound } from './faults.ts';
import type { LiveAbandon } from './live-abandon.ts';
import type { MatchDoors } from './match-doors.ts';
import { matchKeyOf } from './match-key.ts';
import type { MatchDetail, MatchLifeStore, OwedMatch } from './match-life-store.ts';
import { SWEEP_MS } from './match-silence.ts';
import { mayRunMatches, type Principal } from './principal.ts';
import { Rounds } from './rounds.ts';

/** Matches in one sweep: more wait for the next. */
const MATCHES_MAX = 100;
/** Another server takes an owed match over after this. */
const RETRY_MS = 2_000;
/** For so long a server may still take ticks of a match that was abandoned through another (catalogue.ts), or redo them. */
const HEARD_WITHIN_MS = 15_000;
/** Of one match's answer. */
const PLAYERS_SHOWN_MAX = 1_000;

export interface MatchObserver {
  abandoned(matches: number): void;
}

interface Deps {
  store: MatchLifeStore;
  doors: Pick<MatchDoors, 'played'>;
  live: LiveAbandon;
  warmer: Warmer;
  catalogue: Pick<Catalogue, 'live' | 'season' | 'noteMatch'>;
  observer: MatchObserver;
  clock: () => number;
  log: Log;
}

export class MatchKeeper {
  readonly #deps: Deps;
  readonly #rounds: Rounds;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      everyMs: SWEEP_MS,
      round: () => this.#sweep(),
      failed: (error) => deps.log.debug({ err: error }, 'matches were not looked after; it runs again'),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): void {
    void this.#rounds.stop();
  }

  /** @throws Fault MATCH_NOT_FOUND */
  async find(match: string): Promise<MatchDetail> {
    const detail = await this.#deps.store.find(match, PLAYERS_SHOWN_MAX);
    if (!detail) throw matchNotFound(match);
    return detail;
  }

  /** Gives one up now, for a game server. @throws Fault FORBIDDEN and as `abandonNow` */
  async abandon(match: string, by: Principal): Promise<Match> {
    mayRunMatches(by);
    return this.abandonNow(match, by.sub);
  }

  /** @throws Fault MATCH_NOT_FOUND, MATCH_ENDED, INVALID_REQUEST where the match does not keep its players */
  async abandonNow(id: string, by: string): Promise<Match> {
    const { store, catalogue, clock } = this.#deps;
    const match = await store.abandon(id, clock(), by);
    await catalogue.noteMatch(match);
    void this.#rounds.now();
    return match;
  }

  async #sweep(): Promise<void> {
    await this.#report();
    await this.#abandonDue();
    await this.#dropOwed();
  }

  async #report(): Promise<void> {
    const { doors, store, clock } = this.#deps;
    const played = doors.played(clock());
    if (played.length === 0) return;
    await store.postpone(played);
    for (const { reported } of played) reported();
  }

  async #abandonDue(): Promise<void> {
    const { store, catalogue, observer, clock, log } = this.#deps;
    const matches = await store.abandonDue(clock(), MATCHES_MAX);
    if (matches.length === 0) return;
    observer.abandoned(matches.length);
    log.info({ matches: matches.length }, 'silent matches were abandoned');
    for (const match of matches) await catalogue.noteMatch(match);
  }

  async #dropOwed(): Promise<void> {
    const { store, clock, log } = this.#deps;
    const at = clock();
    const owed = await store.takeOwed({ at, retryMs: RETRY_MS, limit: MATCHES_MAX });
    const dropped: string[] = [];
    for (const match of owed)
      try {
        if ((await this.#drop(match)) && at - match.abandonedAt >= HEARD_WITHIN_MS) dropped.push(match.id);
      } catch (error) {
        if (error instanceof Fault) throw error;
        log.error({ err: error, match: match.id }, 'scores of an abandoned match could not be dropped');
      }
    if (dropped.length > 0) await store.markDropped(dropped, clock());
  }

  /** @returns whether nothing was left to drop, and what dropping it changed is committed */
  async #drop(match: OwedMatch): Promise<boolean> {
    const { store, live, warmer, catalogue, clock } = this.#deps;
    const known = await catalogue.season(match.season);
    // A closed season shows what finals come to, and no flush writes to it.
    if (match.players.length === 0 || !takesFinals(known.state)) return true;
    const season = await catalogue.live(known);
    const of = { matchKey: matchKeyOf(match), players: match.players };
    const result = await whenWarm(warmer, season, () => live.abandon(season, of, clock()));
    if (result.changed > 0) return false;
    if (result.rev === 0) return true;
    const watermark = await store.watermark(season.id);
    return watermark?.epoch === result.epoch && watermark.version >= result.rev;
  }
}
