/** How entries are shown to whoever reads: the one place that turns what the order needs into what clients see. */
import type { Board } from '@photofinish/shared/domain/board';
import { columnsOf } from '@photofinish/shared/domain/columns';
import type { RankedEntry } from '@photofinish/shared/protocol/reads';
import type { PlacedEntry, ShownEntry } from './placed-entry.ts';

export const shownEntry = (board: Board, entry: ShownEntry): Omit<RankedEntry, 'rank' | 'place'> => ({
  player: entry.player,
  score: entry.score,
  ...(entry.columnsKey ? { columns: columnsOf(board.columns, entry.columnsKey) } : {}),
  achievedAt: entry.achievedAt,
  ...(entry.metadata === undefined
    ? {}
    : { metadata: JSON.parse(entry.metadata) as Record<string, unknown> }),
});

export const rankedEntry = (board: Board, entry: PlacedEntry): RankedEntry => ({
  rank: entry.rank,
  ...(entry.place === entry.rank ? {} : { place: entry.place }),
  ...shownEntry(board, entry),
});
