/** How far a season is committed, for writers that follow it: what was acked at or below the watermark, in its epoch, is in Postgres; what
 *  was acked in an epoch that is over, and is not, must be sent again. */
import { takesFinals } from '@photofinish/shared/domain/season';
import type { SnapshotStore, Watermark } from '../flush/snapshot-store.ts';
import { type Warmer, whenWarm } from '../flush/warmer.ts';
import type { Season } from './board-store.ts';
import type { Catalogue } from './catalogue.ts';
import type { LiveBoard, LiveSeason } from './live-board.ts';
import type { TickIntake } from './tick-intake.ts';

/** Exactly one of them. */
export interface Followed {
  board?: string | undefined;
  season?: string | undefined;
  match?: string | undefined;
}

export interface WatermarkView {
  season: string;
  state: string;
  /** Of its present life. */
  epoch: number;
  watermark: Watermark | null;
}

interface Deps {
  catalogue: Pick<Catalogue, 'currentSeason' | 'season' | 'match' | 'live'>;
  intake: Pick<TickIntake, 'look'>;
  live: Pick<LiveBoard, 'window'>;
  warmer: Pick<Warmer, 'warm'>;
  store: Pick<SnapshotStore, 'watermark'>;
}

export class Watermarks {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws Fault BOARD_NOT_FOUND, SEASON_NOT_FOUND, MATCH_NOT_FOUND, SEASON_NOT_OPEN */
  async season(of: Followed): Promise<Season> {
    const { catalogue } = this.#deps;
    if (of.season !== undefined) return catalogue.season(of.season);
    if (of.match !== undefined) return catalogue.season((await catalogue.match(of.match)).season);
    return catalogue.currentSeason(of.board ?? '');
  }

  /** One question to each database. The epoch is read before the watermark: a watermark of an older epoch says nothing about a newer one, and
   *  the other way round it would. @throws Fault while a season that lost its memory cannot be made whole, or Postgres does not answer */
  async read(season: Season): Promise<WatermarkView> {
    const { catalogue, store } = this.#deps;
    const epoch = takesFinals(season.state) ? await this.#epoch(await catalogue.live(season)) : undefined;
    const watermark = (await store.watermark(season.id)) ?? null;
    return {
      season: season.id,
      state: season.state,
      epoch: epoch ?? watermark?.epoch ?? season.epoch,
      watermark,
    };
  }

  /** Of the season's life in Redis: of the one that begins now, where it is cold. */
  async #epoch(season: LiveSeason): Promise<number> {
    const { intake, live, warmer } = this.#deps;
    const window = await live.window(season);
    if (window.kind !== 'cold') return window.epoch;
    await intake.look(season);
    return (await whenWarm(warmer, season, () => live.window(season))).epoch;
  }
}
