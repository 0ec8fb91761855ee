/** What answers about boards say of their schedule. */
import type { Board } from '@photofinish/shared/domain/board';
import { boundariesAround } from '../../season/schedule.ts';

export function boundariesOf(board: Board): { boundaries?: { previous?: number; next?: number } } {
  if (board.season.schedule === undefined) return {};
  const { previous, next } = boundariesAround(board.season, Date.now());
  return {
    boundaries: {
      ...(previous === undefined ? {} : { previous }),
      ...(next === undefined ? {} : { next }),
    },
  };
}
