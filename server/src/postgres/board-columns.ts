/** Boards as rows and as the port tells them. */
import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import type { StoredBoard } from '../board/board-store.ts';
import { boards } from './schema.ts';

export const boardColumns = {
  id: boards.id,
  rules: boards.rules,
  version: boards.version,
  createdAt: boards.createdAt,
  updatedAt: boards.updatedAt,
  archivedAt: boards.archivedAt,
};

type BoardRow = Omit<StoredBoard, 'board' | 'archivedAt'> & { rules: unknown; archivedAt: number | null };

/** Rules are read through the schema again, so that boards of an earlier version get the defaults of new settings. */
export const boardOf = ({ rules, archivedAt, ...row }: BoardRow): StoredBoard => ({
  ...row,
  board: boardSchema.parse(rules),
  archivedAt: archivedAt ?? undefined,
});

/** What a row repeats of the rules, with the rules. */
export const ruleColumns = (board: Board) => {
  const { title, kind, sortOrder, operator } = board;
  return { title, kind, sortOrder, operator, rules: board };
};
