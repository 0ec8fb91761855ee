/** All that is kept of one player, as one document: for the player who asks what is known. Read in one snapshot of the database, after the
 *  seasons that hold the player were flushed, and told row by row. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Flusher } from '../flush/flusher.ts';
import type { LiveSeason } from './live-board.ts';
import { flushSeasonsOf, type LivePlayers } from './live-players.ts';
import { playerNotFound } from './players.ts';

export interface PlayerData {
  /** Rows that name the player, as the database has them, by table. */
  tables: Record<string, readonly unknown[]>;
}

/** Port: implemented by postgres/. */
export interface PlayerDataStore {
  /** @returns undefined where nothing names the player. @throws Fault past `rowsMax` */
  playerData(player: string, rowsMax: number): Promise<PlayerData | undefined>;
}

interface Deps {
  store: PlayerDataStore;
  live: Pick<LivePlayers, 'has'>;
  liveSeasons: () => Promise<LiveSeason[]>;
  flusher: Pick<Flusher, 'drain'>;
  clock: () => number;
}

/** About half a kilobyte each, held while they are sent. */
const ROWS_MAX = 200_000;
/** Each holds its rows, and reads much of every table. */
const AT_ONCE_MAX = 2;

export class PlayerExport {
  readonly #deps: Deps;
  #running = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @returns the document in pieces. @throws Fault PLAYER_NOT_FOUND, OVERLOADED, UNAVAILABLE */
  async of(player: string): Promise<Iterable<string>> {
    if (this.#running >= AT_ONCE_MAX)
      throw new Fault('OVERLOADED', 'other players are being exported; ask again', {
        limit: `${AT_ONCE_MAX} exports at once`,
        retryAfterMs: 2_000,
      });
    this.#running++;
    try {
      const { store, clock } = this.#deps;
      await flushSeasonsOf(player, this.#deps);
      const data = await store.playerData(player, ROWS_MAX);
      if (!data) throw playerNotFound(player);
      return piecesOf(player, clock(), data);
    } finally {
      this.#running--;
    }
  }
}

function* piecesOf(player: string, exportedAt: number, { tables }: PlayerData): Iterable<string> {
  yield `{"player":${JSON.stringify(player)},"exportedAt":${exportedAt},"tables":{`;
  for (const [i, [name, rows]] of Object.entries(tables).entries()) {
    yield `${i > 0 ? ',' : ''}\n${JSON.stringify(name)}:[`;
    for (const [n, row] of rows.entries()) yield `${n > 0 ? ',' : ''}\n${JSON.stringify(row)}`;
    yield ']';
  }
  yield '\n}}\n';
}
