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
  endsAt: seasons.endsAt,
  closingAt: seasons.closingAt,
  closedAt: seasons.closedAt,
  frozenAt: seasons.frozenAt,
};

type Optional = 'endsAt' | 'closingAt' | 'closedAt' | 'frozenAt';
type SeasonRow = Omit<Season, Optional> & Record<Optional, number | null>;

export const seasonOf = (row: SeasonRow): Season => ({
  ...row,
  endsAt: row.endsAt ?? undefined,
  closingAt: row.closingAt ?? undefined,
  closedAt: row.closedAt ?? undefined,
  frozenAt: row.frozenAt ?? undefined,
});
