/** Compares finals with the last ticks of their matches, after their commit and before `confirm` takes those ticks away.
 *
 *  Nothing here can refuse a final. A crash before the flag is written leaves the final pending, and the repair compares again; a crash
 *  after it repeats a flag that is there already. */
import { type Warmer, whenWarm } from '../flush/warmer.ts';
import type { FlagStore, NewFlag } from './flag-store.ts';
import type { LiveBoard, LiveSeason, PlayedMatch } from './live-board.ts';

export interface ComparedFinal {
  match: string;
  matchKey: string;
  player: string;
  score: number;
  /** Not known to have been compared: stored just now, or found pending. Others are compared with Redis alone. */
  fresh: boolean;
}

export interface FlagObserver {
  raised(kind: NewFlag['kind'], flags: number): void;
}

interface Deps {
  live: Pick<LiveBoard, 'played'>;
  warmer: Warmer;
  store: Pick<FlagStore, 'raise' | 'notedTicks'>;
  clock: () => number;
  observer: FlagObserver;
}

interface LastTick {
  score: number;
  source: 'live' | 'snapshot';
}

export class FinalCheck {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws Fault when Redis or Postgres cannot be asked: the finals must then stay pending */
  async compare(season: LiveSeason, finals: readonly ComparedFinal[]): Promise<void> {
    const { tolerance } = season.board.finals;
    if (tolerance === undefined || finals.length === 0) return;
    const last = await this.#lastTicks(season, finals);
    const flags = finals.flatMap((final, i): NewFlag[] => {
      const tick = last[i];
      if (!tick || Math.abs(final.score - tick.score) <= tolerance) return [];
      const detail = { final: final.score, lastTick: tick.score, tolerance, source: tick.source };
      const { match, player } = final;
      const of = {
        kind: 'final-tolerance' as const,
        season: season.id,
        board: season.board.id,
        match,
        player,
      };
      return [{ ...of, detail, at: this.#deps.clock() }];
    });
    if (flags.length === 0) return;
    this.#deps.observer.raised('final-tolerance', await this.#deps.store.raise(flags));
  }

  async #lastTicks(season: LiveSeason, finals: readonly ComparedFinal[]): Promise<(LastTick | undefined)[]> {
    const { live, warmer, store } = this.#deps;
    const { played } = await whenWarm(warmer, season, () => live.played(season, finals));
    const unknown = finals.filter((final, i) => final.fresh && played[i]?.kind === 'unknown');
    const noted = unknown.length === 0 ? [] : await store.notedTicks(season.id, unknown);
    const scores = new Map(noted.map(({ match, player, score }) => [`${match} ${player}`, score]));
    return finals.map((final, i) => lastTick(played[i], scores.get(`${final.match} ${final.player}`)));
  }
}

function lastTick(played: PlayedMatch | undefined, noted: number | undefined): LastTick | undefined {
  if (played?.kind === 'playing') return { score: played.score, source: 'live' };
  return played?.kind === 'unknown' && noted !== undefined ? { score: noted, source: 'snapshot' } : undefined;
}
