/** Settles prizes: close, drain, rank in SQL, write once.
 *
 *  Prizes come from finals in Postgres alone. Draining the flush first makes the snapshot of the season complete for readers; if Redis
 *  is down the settlement goes on without it, because nothing in Redis decides a prize. A crash at any point leaves the season closed
 *  and unsettled, or settled: running it again gives the one settlement. */
import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { BoardStore, Season } from '../board/board-store.ts';
import type { Catalogue } from '../board/catalogue.ts';
import { newId } from '../board/new-id.ts';
import type { SeasonLife } from '../season/season-life.ts';
import type { Settlement, SettlementStore } from './settlement-store.ts';

const COMPARED_WITHIN_MS = 10_000;
const COMPARED_POLL_MS = 200;

export class Settling {
  readonly #store: SettlementStore;
  readonly #seasons: BoardStore;
  readonly #catalogue: Catalogue;
  readonly #life: SeasonLife;
  readonly #clock: () => number;

  constructor(deps: {
    store: SettlementStore;
    seasons: BoardStore;
    catalogue: Catalogue;
    life: SeasonLife;
    clock: () => number;
  }) {
    this.#store = deps.store;
    this.#seasons = deps.seasons;
    this.#catalogue = deps.catalogue;
    this.#life = deps.life;
    this.#clock = deps.clock;
  }

  /** Closes the season if it is not, and settles it; the same settlement for ever after.
   *  @throws Fault SEASON_NOT_FOUND, INVALID_REQUEST on an open board, SETTLEMENT_BLOCKED, UNAVAILABLE, OUTCOME_UNKNOWN (ask again) */
  async settle(seasonId: string, by: string): Promise<Settlement> {
    const { season, board } = await this.#resolve(seasonId);
    const settled = await this.#store.find(seasonId);
    if (settled) return settled;
    if (season.state === 'open' || season.state === 'closing')
      await this.#life.close(seasonId, by, { now: true });
    await this.#untilCompared({ id: seasonId, board });
    const settlement = await this.#store.settle(
      { id: seasonId, board },
      { id: newId(), at: this.#clock(), by },
    );
    const now = await this.#seasons.findSeason(seasonId);
    if (now) this.#catalogue.note(now);
    return settlement;
  }

  /** Finals that were just stored are compared within a second or so. Past the time the settlement itself refuses, by name. */
  async #untilCompared(season: { id: string; board: Board }): Promise<void> {
    const deadline = performance.now() + COMPARED_WITHIN_MS;
    while (performance.now() < deadline && (await this.#store.uncompared(season)) > 0)
      await new Promise((resolve) => setTimeout(resolve, COMPARED_POLL_MS));
  }

  /** What settling now would give; changes nothing. The settlement itself once there is one. */
  async preview(seasonId: string): Promise<Settlement> {
    const { board } = await this.#resolve(seasonId);
    return (await this.#store.find(seasonId)) ?? this.#store.preview({ id: seasonId, board }, this.#clock());
  }

  /** @throws Fault SETTLEMENT_NOT_FOUND */
  async find(seasonId: string): Promise<Settlement> {
    await this.#resolve(seasonId);
    const settlement = await this.#store.find(seasonId);
    if (settlement) return settlement;
    throw new Fault(
      'SETTLEMENT_NOT_FOUND',
      `season: ${seasonId} is not settled yet; PUT the same address to settle it`,
      {
        field: 'season',
        fix: 'PUT /v1/admin/seasons/{season}/settlement',
      },
    );
  }

  async #resolve(
    seasonId: string,
  ): Promise<{ season: Season; board: Awaited<ReturnType<Catalogue['board']>> }> {
    const season = await this.#catalogue.season(seasonId);
    const { board } = await this.#catalogue.live(season);
    if (board.kind !== 'match')
      throw new Fault(
        'INVALID_REQUEST',
        `season: ${seasonId} is of board ${board.id}, an open board without finals; only match boards are settled`,
        { field: 'season' },
      );
    return { season, board };
  }
}
