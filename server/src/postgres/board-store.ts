/** Boards, seasons and matches in Postgres. */
import type { Board } from '@photofinish/shared/domain/board';
import type {
  BoardArchiving,
  BoardStore,
  BoardUpdate,
  Match,
  MatchStart,
  Season,
  StoredBoard,
} from '../board/board-store.ts';
import type { RollOver, SeasonPlan, SeasonToCome } from '../season/season-plan.ts';
import type { Postgres } from './connections.ts';
import { archiveBoard } from './queries/archive-board.ts';
import { createBoard } from './queries/create-board.ts';
import { findBoard } from './queries/find-board.ts';
import { findMatch } from './queries/find-match.ts';
import { findSeason } from './queries/find-season.ts';
import { freezeSeason } from './queries/freeze-season.ts';
import { listBoards } from './queries/list-boards.ts';
import { listBoundaries } from './queries/list-boundaries.ts';
import { listLiveSeasons } from './queries/list-live-seasons.ts';
import { listSeasons } from './queries/list-seasons.ts';
import { moveSeason, type SeasonMove } from './queries/move-season.ts';
import { openSeason, type SeasonOpening } from './queries/open-season.ts';
import { planSeason } from './queries/plan-season.ts';
import { rollOver } from './queries/roll-over.ts';
import { startMatch } from './queries/start-match.ts';
import { updateBoard } from './queries/update-board.ts';

/** Millions of entries are rewritten in one transaction; nobody waits for it but the keeper of seasons. */
const FREEZE_TIMEOUT_MS = 300_000;

export class PostgresBoardStore implements BoardStore, SeasonPlan {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  listBoards(): Promise<StoredBoard[]> {
    return this.#postgres.read(({ db }) => listBoards(db));
  }

  findBoard(id: string): Promise<StoredBoard | undefined> {
    return this.#postgres.read(({ db }) => findBoard(db, id));
  }

  createBoard(board: Board, by: string): Promise<StoredBoard> {
    return this.#postgres.write(({ db }) => createBoard(db, board, by));
  }

  updateBoard(update: BoardUpdate): Promise<StoredBoard | undefined> {
    return this.#postgres.write(({ db }) => updateBoard(db, update));
  }

  archiveBoard(archiving: BoardArchiving): Promise<StoredBoard> {
    return this.#postgres.write(({ db }) => archiveBoard(db, archiving));
  }

  listSeasons(board: string, limit: number, before?: number): Promise<Season[]> {
    return this.#postgres.read(({ db }) => listSeasons(db, { board, limit, before }));
  }

  findSeason(id: string): Promise<Season | undefined> {
    return this.#postgres.read(({ db }) => findSeason(db, id));
  }

  listLiveSeasons(leftovers: readonly string[]): Promise<Season[]> {
    return this.#postgres.read(({ db }) => listLiveSeasons(db, leftovers));
  }

  openSeason(opening: SeasonOpening): Promise<Season> {
    return this.#postgres.write(({ db }) => openSeason(db, opening));
  }

  moveSeason(move: SeasonMove): Promise<Season> {
    return this.#postgres.write(({ db }) => moveSeason(db, move));
  }

  boundaries(withinMs: number): ReturnType<SeasonPlan['boundaries']> {
    return this.#postgres.read(({ db }) => listBoundaries(db, withinMs));
  }

  planSeason(plan: SeasonToCome): Promise<Season> {
    return this.#postgres.write(({ db }) => planSeason(db, plan));
  }

  freeze(season: string): Promise<Season> {
    return this.#postgres.write((connection) => freezeSeason(connection, season), FREEZE_TIMEOUT_MS);
  }

  rollOver(of: { board: string; id: string }): Promise<RollOver> {
    return this.#postgres.write(({ db }) => rollOver(db, of));
  }

  startMatch(start: MatchStart): Promise<Match> {
    return this.#postgres.write((connection) => startMatch(connection, start));
  }

  findMatch(id: string): Promise<Match | undefined> {
    return this.#postgres.read(({ db }) => findMatch(db, id));
  }
}
