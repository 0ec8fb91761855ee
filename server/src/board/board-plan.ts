/** Boards as a file declares them, against those that are there: made, changed in what the file names, or refused by name. Boards that
 *  the file does not name are left as they are: a file that lost a line must not take a board away. */
import type { Board } from '@photofinish/shared/domain/board';
import { type ErrorCode, Fault } from '@photofinish/shared/protocol/errors';
import type { BoardAdmin } from './board-admin.ts';
import { type BoardPatch, changedBoard } from './board-change.ts';
import type { BoardDifference, StoredBoard } from './board-store.ts';

export interface DeclaredBoard {
  /** Defaults filled in: what is made where there is none. */
  board: Board;
  /** What the file says: what holds where there is one. */
  named: BoardPatch;
}

export type BoardOutcome = { board: string } & (
  | { kind: 'create' }
  | { kind: 'update'; changed: BoardDifference }
  | { kind: 'refused'; code: ErrorCode; message: string; fix?: string | undefined }
  | { kind: 'unchanged' }
  | { kind: 'unnamed'; archived: boolean }
);

interface PlanDeps {
  boards: Pick<BoardAdmin, 'list' | 'create' | 'update'>;
  assertPossible: (board: Board) => Promise<void>;
}

/** What applying would do now, by board; changes nothing. @throws Fault that another try may not get */
export function planBoards(declared: readonly DeclaredBoard[], deps: PlanDeps): Promise<BoardOutcome[]> {
  return eachBoard(declared, deps, async ({ board, named }, stored) => {
    if (!stored) {
      await deps.assertPossible(board);
      return { kind: 'create' };
    }
    const { board: after, changed } = changedBoard(stored.board, named);
    if (Object.keys(changed).length === 0) return { kind: 'unchanged' };
    await deps.assertPossible(after);
    return { kind: 'update', changed };
  });
}

/** Does it. Servers that start at once do it once: the second one finds each board as the file says. */
export function applyBoards(
  declared: readonly DeclaredBoard[],
  by: string,
  deps: PlanDeps,
): Promise<BoardOutcome[]> {
  return eachBoard(declared, deps, async ({ board, named }, stored) => {
    if (!stored && (await isMade(board, by, deps))) return { kind: 'create' };
    const { changed } = await deps.boards.update(board.id, named, { by, version: undefined });
    return Object.keys(changed).length === 0 ? { kind: 'unchanged' } : { kind: 'update', changed };
  });
}

/** @returns false when another server was first */
async function isMade(board: Board, by: string, { boards }: PlanDeps): Promise<boolean> {
  try {
    await boards.create(board, by);
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'BOARD_EXISTS') return false;
    // Made, and its first season was opened by another server meanwhile.
    if (error instanceof Fault && error.code === 'SEASON_ALREADY_OPEN') return true;
    throw error;
  }
}

type Act = (
  declared: DeclaredBoard,
  stored: StoredBoard | undefined,
) => Promise<{ kind: 'create' } | { kind: 'unchanged' } | { kind: 'update'; changed: BoardDifference }>;

async function eachBoard(
  declared: readonly DeclaredBoard[],
  deps: PlanDeps,
  act: Act,
): Promise<BoardOutcome[]> {
  const stored = new Map(
    (await deps.boards.list({ archived: 'all', limit: Number.POSITIVE_INFINITY })).boards.map((found) => [
      found.id,
      found,
    ]),
  );
  const outcomes: BoardOutcome[] = [];
  for (const one of declared) {
    const found = stored.get(one.board.id);
    stored.delete(one.board.id);
    outcomes.push({ board: one.board.id, ...(await refusedOr(() => act(one, found), found)) });
  }
  for (const { id, archivedAt } of stored.values())
    outcomes.push({ board: id, kind: 'unnamed', archived: archivedAt !== undefined });
  return outcomes;
}

type Refused = { kind: 'refused'; code: ErrorCode; message: string; fix?: string | undefined };

/** A refused board is left whole, and keeps no other. */
async function refusedOr<T>(act: () => Promise<T>, stored: StoredBoard | undefined): Promise<T | Refused> {
  if (stored?.archivedAt !== undefined)
    return {
      kind: 'refused',
      code: 'BOARD_ARCHIVED',
      message: `board ${stored.id} is archived, and the file names it`,
      fix: 'take it out of the file, or into use again with POST /v1/admin/boards/{board}/unarchive',
    };
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Fault) || error.retryable) throw error;
    return { kind: 'refused', code: error.code, message: error.message, fix: error.detail.fix };
  }
}
