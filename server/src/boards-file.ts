/** boards.json: the boards that a server makes sure of at start. */
import { readFile } from 'node:fs/promises';
import { boardInputSchema } from '@photofinish/shared/domain/board';
import { z } from 'zod';
import type { BoardAdmin } from './board/board-admin.ts';
import type { BoardPatch } from './board/board-change.ts';
import { applyBoards, type DeclaredBoard } from './board/board-plan.ts';
import type { Log } from './observe/log.ts';

const fileSchema = z
  .array(boardInputSchema)
  .max(1_000)
  .superRefine((boards, ctx) => {
    const seen = new Set<string>();
    for (const [i, { id }] of boards.entries()) {
      if (seen.has(id))
        ctx.addIssue({
          code: 'custom',
          path: [i, 'id'],
          message: `${id} is declared twice; name each board once`,
        });
      seen.add(id);
    }
  });

/** A board by its id, else by where it stands in the list. */
function nameOf(parsed: unknown, at: PropertyKey | undefined): string {
  const board: unknown = Array.isArray(parsed) && typeof at === 'number' ? parsed[at] : undefined;
  const id = (board as { id?: unknown } | undefined)?.id;
  if (typeof id === 'string') return id;
  return at === undefined ? 'the file' : `board ${String(at)}`;
}

/** @throws Error that lists every problem of the file */
export async function readBoardsFile(path: string): Promise<DeclaredBoard[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Error(`boards file ${path}: ${error instanceof Error ? error.message : error}`);
  }
  const result = fileSchema.safeParse(parsed);
  if (result.success) {
    const named = parsed as BoardPatch[];
    return result.data.map((board, i) => ({ board, named: named[i] ?? {} }));
  }
  const problems = result.error.issues.map(
    ({ path: [at, ...of], message }) => `  ${[nameOf(parsed, at), ...of].join('.')}: ${message}`,
  );
  throw new Error(`boards file ${path} has ${problems.length} problem(s):\n${problems.join('\n')}`);
}

/** Brings the stored boards to what the file says, and tells each difference. A refused board stays as it is, and the server starts: its
 *  other boards must not wait for a person. */
export async function ensureBoards(
  declared: readonly DeclaredBoard[],
  deps: Parameters<typeof applyBoards>[2] & { boards: BoardAdmin; log: Log },
): Promise<void> {
  if (declared.length === 0) return;
  const { log } = deps;
  for (const { board, ...outcome } of await applyBoards(declared, 'system', deps))
    switch (outcome.kind) {
      case 'create':
        log.info({ board }, 'board created from the boards file');
        break;
      case 'update':
        log.warn({ board, changed: outcome.changed }, 'board changed to what the boards file says');
        break;
      case 'refused':
        log.error({ board, ...outcome }, 'boards file asks for what cannot be; the board stays as it is');
        break;
      case 'unnamed':
        log.debug({ board }, 'board is not in the boards file; it is left as it is');
    }
}
