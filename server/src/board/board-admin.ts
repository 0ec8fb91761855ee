/** Boards as an admin, or the boards file, makes and changes them. What this server knows follows at once; other servers notice with
 *  their catalogue's next look. */
import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import { type BoardPatch, boardChanged, changedBoard } from './board-change.ts';
import type { BoardDifference, BoardStore, StoredBoard } from './board-store.ts';
import type { Catalogue } from './catalogue.ts';
import { boardNotFound } from './faults.ts';

interface Deps {
  store: Pick<BoardStore, 'createBoard' | 'findBoard' | 'updateBoard' | 'archiveBoard'>;
  catalogue: Pick<Catalogue, 'storedBoards' | 'takeBoard' | 'openSeason'>;
  /** @throws Fault when this server could not keep the board's promises */
  assertPossible: (board: Board) => Promise<void>;
  clock: () => number;
}

export interface ChangeOf {
  by: string;
  /** The version that the change was thought out for; undefined: whatever it is by now. */
  version: number | undefined;
}

/** Which boards a list holds: those in use, archived ones, or both. */
export type ArchivedFilter = 'false' | 'true' | 'all';

export interface BoardListing {
  boards: StoredBoard[];
  /** Asks for the boards after these; undefined at the end. */
  next: string | undefined;
}

/** Changes of a board that others change at the same time: each look costs a query, and two in a row are rare. */
const TRIES_MAX = 5;

export class BoardAdmin {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Makes the board and opens its first season. @throws Fault BOARD_EXISTS, INVALID_REQUEST */
  async create(board: Board, by: string): Promise<StoredBoard> {
    const { store, catalogue, assertPossible } = this.#deps;
    await assertPossible(board);
    const created = await store.createBoard(board, by);
    catalogue.takeBoard(created);
    await catalogue.openSeason(board.id, by);
    return created;
  }

  /** As the database has it now. @throws Fault BOARD_NOT_FOUND */
  async get(id: string): Promise<StoredBoard> {
    const found = await this.#deps.store.findBoard(id);
    if (!found) throw boardNotFound(id);
    this.#deps.catalogue.takeBoard(found);
    return found;
  }

  /** By id. `after`: the cursor that the page before gave. */
  async list(of: {
    archived: ArchivedFilter;
    after?: string | undefined;
    limit: number;
    /** Left out: private ones too. */
    publicOnly?: boolean;
  }): Promise<BoardListing> {
    const wanted = (await this.#deps.catalogue.storedBoards()).filter(
      ({ id, board, archivedAt }) =>
        (of.archived === 'all' || (archivedAt !== undefined) === (of.archived === 'true')) &&
        (of.after === undefined || id > of.after) &&
        (!of.publicOnly || board.visibility === 'public'),
    );
    const boards = wanted.slice(0, of.limit);
    return { boards, next: wanted.length > boards.length ? boards.at(-1)?.id : undefined };
  }

  /** A change that changes nothing is answered with the board as it is, and is not recorded.
   *  @throws Fault BOARD_NOT_FOUND, BOARD_CHANGED, INVALID_REQUEST */
  async update(
    id: string,
    patch: BoardPatch,
    { by, version }: ChangeOf,
  ): Promise<{ stored: StoredBoard; changed: BoardDifference }> {
    const { store, catalogue, assertPossible, clock } = this.#deps;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const before = await this.get(id);
      if (version !== undefined && version !== before.version)
        throw boardChanged(id, version, before.version);
      const { board, changed } = changedBoard(before.board, patch);
      if (Object.keys(changed).length === 0) return { stored: before, changed };
      await assertPossible(board);
      const change = { board, version: before.version, changed, at: clock(), by };
      const stored = await store.updateBoard(change);
      if (!stored) continue;
      catalogue.takeBoard(stored);
      return { stored, changed };
    }
    throw new Fault('UNAVAILABLE', `board: ${id} keeps changing; nothing was done`, {
      field: 'board',
      fix: 'send the change again',
      retryAfterMs: 1_000,
    });
  }

  /** @throws Fault BOARD_NOT_FOUND, BOARD_CHANGED, SEASON_ALREADY_OPEN */
  async archive(id: string, archived: boolean, change: ChangeOf): Promise<StoredBoard> {
    const { store, catalogue, clock } = this.#deps;
    const stored = await store.archiveBoard({ board: id, archived, at: clock(), ...change });
    catalogue.takeBoard(stored);
    return stored;
  }
}
