/** boards.json: the boards that a server makes sure of at start. */
import { readFile } from 'node:fs/promises';
import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import { z } from 'zod';
import type { BoardStore } from './board/board-store.ts';
import type { Catalogue } from './board/catalogue.ts';
import type { Log } from './observe/log.ts';

const fileSchema = z.array(boardSchema).max(1_000);

/** @throws Error that lists every problem of the file */
export async function readBoardsFile(path: string): Promise<Board[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Error(`BOARDS_FILE ${path}: ${error instanceof Error ? error.message : error}`);
  }
  const result = fileSchema.safeParse(parsed);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`BOARDS_FILE ${path} has ${problems.length} problem(s):\n${problems.join('\n')}`);
}

/** Creates boards that are missing, with their first season. A board that exists is left as it is, and a difference is told. */
export async function ensureBoards(
  boards: readonly Board[],
  deps: { store: BoardStore; catalogue: Catalogue; log: Log },
): Promise<void> {
  for (const board of boards) {
    const existing = (await deps.store.findBoard(board.id)) ?? (await createOrFind(board, deps));
    if (existing && !sameRules(existing, board))
      deps.log.warn({ board: board.id }, 'boards file differs from the stored board; the stored rules stand');
  }
}

/** Two servers that start at once may both find the board missing: the second one's creation is refused, and it uses the first's. */
async function createOrFind(
  board: Board,
  deps: { store: BoardStore; catalogue: Catalogue; log: Log },
): Promise<Board | undefined> {
  try {
    await deps.catalogue.createBoard(board, 'system');
    deps.log.info({ board: board.id }, 'board created from the boards file');
    return board;
  } catch (error) {
    if (error instanceof Fault && (error.code === 'BOARD_EXISTS' || error.code === 'SEASON_ALREADY_OPEN'))
      return deps.store.findBoard(board.id);
    throw error;
  }
}

const sameRules = (a: Board, b: Board): boolean => canonical(a) === canonical(b);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1)))
      : inner,
  );
