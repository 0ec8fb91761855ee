/** Boards in memory, under the real rules of making and changing them. */
import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import { BoardAdmin } from '../../../server/src/board/board-admin.ts';
import type { Season, StoredBoard } from '../../../server/src/board/board-store.ts';
import { boardNotFound } from '../../../server/src/board/faults.ts';

export const stored = (board: Board, version: number, archivedAt?: number): StoredBoard => ({
  ...{ id: board.id, board, version, archivedAt },
  ...{ createdAt: 1_700_000_000_000, updatedAt: 1_700_000_000_000 + version },
});

/** The real one over a map. */
export function boardAdmin(boards: Map<string, StoredBoard>, calls: [string, ...unknown[]][]): BoardAdmin {
  const put = (next: StoredBoard) => {
    boards.set(next.id, next);
    return next;
  };
  return new BoardAdmin({
    store: {
      findBoard: async (id) => boards.get(id),
      async createBoard(board, by) {
        calls.push(['createBoard', board.id, by]);
        if (boards.has(board.id))
          throw new Fault('BOARD_EXISTS', `id: there is a board ${board.id} already`, { field: 'id' });
        return put(stored(board, 1));
      },
      async updateBoard({ board, version, changed, by }) {
        calls.push(['updateBoard', board.id, changed, by]);
        return put(stored(board, version + 1));
      },
      async archiveBoard({ board: id, archived, by }) {
        calls.push(['archiveBoard', id, archived, by]);
        const before = boards.get(id);
        if (!before) throw boardNotFound(id);
        return put(stored(before.board, before.version + 1, archived ? 1_700_000_500_000 : undefined));
      },
    },
    catalogue: {
      storedBoards: async () => [...boards.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
      takeBoard: () => undefined,
      openSeason: async (board) => firstSeason(board),
    },
    assertPossible: async () => undefined,
    clock: () => 1_700_000_600_000,
  });
}

const firstSeason = (board: string): Season => ({
  id: `${board}-1`,
  board,
  number: 1,
  state: 'open',
  epoch: 1,
  startedAt: 1_700_000_000_000,
  closingAt: undefined,
  closedAt: undefined,
});
