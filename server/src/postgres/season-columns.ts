/** Seasons as rows and as the port tells them. */
import type { Ranking } from '@photofinish/shared/domain/rank';
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
  ranking: seasons.ranking,
};

type Optional = 'endsAt' | 'closingAt' | 'closedAt' | 'frozenAt';
type SeasonRow = Omit<Season, Optional | 'ranking'> &
  Record<Optional, number | null> & { ranking: Ranking | null };

export const seasonOf = (row: SeasonRow): Season => ({
  ...row,
  endsAt: row.endsAt ?? undefined,
  closingAt: row.closingAt ?? undefined,
  closedAt: row.closedAt ?? undefined,
  frozenAt: row.frozenAt ?? undefined,
  ranking: row.ranking ?? undefined,
});
