/** Hides players from boards and shows them again: the database first, with its audit record, then every live season.
 *
 *  The seasons follow by comparing versions, so nothing depends on the second step: a Redis that was away, a server that died in
 *  between, a season that was being rebuilt from an older list, all are found by the next look and told the difference.
 *    hide            database -> version 7        tells each warm season that was at 6
 *    look, 1/s       season at 6, list at 7       reads both lists, tells the difference, and the season is at 7
 *    rebuild         begins with the list, and with the version that was read before it */

import { Fault } from '@photofinish/shared/protocol/errors';
import type { Log } from '../observe/log.ts';
import type { Catalogue } from './catalogue.ts';
import type { HiddenPlayer, HiddenQuery, HidingChange, HidingStore } from './hiding-store.ts';
import type { LiveSeason } from './live-board.ts';
import type { LiveHiding } from './live-hiding.ts';
import { Rounds } from './rounds.ts';

/** Bounds one transaction, one audit and one script call. */
export const HIDING_PLAYERS_MAX = 1_000;
/** How late a live season may follow the database. */
const LOOK_EVERY_MS = 1_000;
const PAGE = 5_000;

export interface HidingAnswer {
  /** For how many of the players it was a change. */
  changed: number;
  /** pending: in the database, and live as soon as Redis can take it. */
  live: 'applied' | 'pending';
}

interface Deps {
  store: HidingStore;
  live: LiveHiding;
  catalogue: Pick<Catalogue, 'board'>;
  liveSeasons: () => Promise<LiveSeason[]>;
  log: Log;
}

export class PlayerHiding {
  readonly #deps: Deps;
  readonly #rounds: Rounds;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      everyMs: LOOK_EVERY_MS,
      round: () => this.look(),
      failed: (error) => deps.log.debug({ err: error }, 'hidden players were not compared; it runs again'),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): void {
    void this.#rounds.stop();
  }

  /** @throws Fault BOARD_NOT_FOUND, INVALID_REQUEST; OUTCOME_UNKNOWN: then the same again is safe */
  hide(of: Omit<HidingChange, 'hidden'>): Promise<HidingAnswer> {
    return this.#change({ ...of, hidden: true });
  }

  /** One who is hidden on all boards stays so when shown on one. */
  unhide(of: Omit<HidingChange, 'hidden'>): Promise<HidingAnswer> {
    return this.#change({ ...of, hidden: false });
  }

  /** Who is hidden where. `next` is there when there are more. @throws Fault BOARD_NOT_FOUND */
  async list(of: HiddenQuery): Promise<{ players: HiddenPlayer[]; next?: string }> {
    if (of.board !== undefined) await this.#deps.catalogue.board(of.board);
    const found = await this.#deps.store.list({ ...of, limit: of.limit + 1 });
    const players = found.slice(0, of.limit);
    const last = players.at(-1);
    return found.length > of.limit && last ? { players, next: last.player } : { players };
  }

  async #change(change: HidingChange): Promise<HidingAnswer> {
    if (change.players.length > HIDING_PLAYERS_MAX)
      throw new Fault(
        'INVALID_REQUEST',
        `players: ${change.players.length} are too many at once; send at most ${HIDING_PLAYERS_MAX}`,
        { field: 'players', limit: `${HIDING_PLAYERS_MAX} players`, fix: 'send them in several requests' },
      );
    if (change.board !== undefined) await this.#deps.catalogue.board(change.board);
    const changed = await this.#deps.store.change(change);
    return { changed: changed.length, live: await this.follow(changed, change.board) };
  }

  /** Tells live seasons about players whose hiding was just changed in the database. @param board all when left out */
  async follow(players: readonly string[], board?: string): Promise<HidingAnswer['live']> {
    if (players.length === 0) return 'applied';
    try {
      for (const season of await this.#deps.liveSeasons())
        if (board === undefined || season.board.id === board) await this.#tell(season, players);
      return 'applied';
    } catch (error) {
      this.#deps.log.warn(
        { err: error, players: players.length },
        'players hidden or shown, but not live yet',
      );
      return 'pending';
    }
  }

  /** Brings every live season to the database's list. */
  async look(): Promise<void> {
    const { store, live, liveSeasons } = this.#deps;
    const seasons = await liveSeasons();
    const versions = await store.versions(seasons.map((season) => season.board.id));
    for (const [i, season] of seasons.entries()) {
      const told = await live.version(season);
      const version = versions[i] ?? 0;
      if (told.kind === 'ok' && told.version !== version) await this.#level(season, told.version, version);
    }
  }

  async #tell(season: LiveSeason, players: readonly string[]): Promise<void> {
    const { version, hidden } = await this.#deps.store.among(season.board.id, players);
    const isHidden = new Set(hidden);
    const show = players.filter((player) => !isHidden.has(player));
    await this.#deps.live.setHidden(season, { hide: hidden, show, version, after: version - 1 });
  }

  /** The version was read before the list: what changes meanwhile makes another difference, which the next look finds. */
  async #level(season: LiveSeason, told: number, version: number): Promise<void> {
    const { live, store, log } = this.#deps;
    const show = new Set<string>();
    for await (const page of live.hidden(season)) for (const player of page) show.add(player);
    const hide: string[] = [];
    for await (const page of hiddenPlayersOf(store, season.board.id))
      for (const player of page) if (!show.delete(player)) hide.push(player);
    const changes = [
      ...chunksOf(hide).map((part) => ({ hide: part, show: [] })),
      ...chunksOf([...show]).map((part) => ({ hide: [], show: part })),
    ];
    // No version is -1: only the last step says that the season was told all.
    for (const change of changes) await live.setHidden(season, { ...change, version, after: -1 });
    await live.setHidden(season, { hide: [], show: [], version, after: told });
    log.info(
      { season: season.id, version, hidden: hide.length, shown: show.size },
      'live season follows the list of hidden players',
    );
  }
}

/** All that are hidden on a board, a page at a time. */
export async function* hiddenPlayersOf(
  store: Pick<HidingStore, 'hiddenOn'>,
  board: string,
): AsyncGenerator<string[]> {
  for (let after = ''; ; ) {
    const page = await store.hiddenOn(board, after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < PAGE) return;
    after = last;
  }
}

function chunksOf(players: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let i = 0; i < players.length; i += HIDING_PLAYERS_MAX)
    chunks.push(players.slice(i, i + HIDING_PLAYERS_MAX));
  return chunks;
}
