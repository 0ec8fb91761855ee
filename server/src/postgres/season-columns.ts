/** Seasons as rows and as the port tells them. */
import type { Season } from '../board/board-store.ts';
import { seasons } from './schema.ts';

export const seasonColumns = {
  id: seasons.id,
  board: seasons.board,
  number: seasons.number,
  state: seasons.state,
  epoch: seasons.epoch,
  startedAt: seasons.startedAt,
  closingAt: seasons.closingAt,
  closedAt: seasons.closedAt,
};

type SeasonRow = Omit<Season, 'closingAt' | 'closedAt'> & {
  closingAt: number | null;
  closedAt: number | null;
};

export const seasonOf = (row: SeasonRow): Season => ({
  ...row,
  closingAt: row.closingAt ?? undefined,
  closedAt: row.closedAt ?? undefined,
});
