import type { MatchRules } from '@photofinish/shared/domain/match-rules';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { BoardStore } from './board-store.ts';
import type { Catalogue } from './catalogue.ts';
import { newId } from './new-id.ts';
import { mayRunMatches, type Principal } from './principal.ts';

export interface StartedMatch {
  match: string;
  board: string;
  season: string;
  startedAt: number;
  /** Absent where there are none. */
  limits?: MatchRules;
  /** Players on the roster. */
  roster?: number;
}

/** Starts matches: one play session each, pinned to the season that is open now and to the board's limits as they are now, in Postgres before it is answered. */
export class Matches {
  readonly #store: BoardStore;
  readonly #catalogue: Catalogue;
  readonly #clock: () => number;

  constructor(deps: { store: BoardStore; catalogue: Catalogue; clock: () => number }) {
    this.#store = deps.store;
    this.#catalogue = deps.catalogue;
    this.#clock = deps.clock;
  }

  /** @throws Fault FORBIDDEN, BOARD_NOT_FOUND, SEASON_NOT_OPEN, INVALID_REQUEST on an open board */
  async start(boardId: string, by: Principal, roster?: readonly string[]): Promise<StartedMatch> {
    mayRunMatches(by);
    const board = await this.#catalogue.board(boardId);
    if (board.kind !== 'match')
      throw new Fault(
        'INVALID_REQUEST',
        `board: ${boardId} is an open board and has no matches; send ticks with board in place of match`,
        {
          field: 'board',
          fix: 'send ticks with board',
        },
      );
    const { matches: limits } = board;
    if (roster) checkRoster(roster, limits);
    await this.#catalogue.atBoundary(boardId);
    const match = await this.#store.startMatch({
      ...{ id: newId(), board: boardId, at: this.#clock() },
      ...{ limits, roster },
    });
    await this.#catalogue.noteMatch(match);
    return {
      ...{ match: match.id, board: match.board, season: match.season, startedAt: match.startedAt },
      ...(Object.keys(limits).length > 0 ? { limits } : {}),
      ...(roster ? { roster: roster.length } : {}),
    };
  }
}

function checkRoster(roster: readonly string[], { playersMax }: MatchRules): void {
  if (playersMax !== undefined && roster.length > playersMax)
    throw new Fault(
      'INVALID_REQUEST',
      `roster: ${roster.length} players, and a match of this board takes ${playersMax}; name at most ${playersMax}`,
      { field: 'roster', limit: `at most ${playersMax} players`, fix: `name at most ${playersMax}` },
    );
  if (new Set(roster).size < roster.length)
    throw new Fault('INVALID_REQUEST', 'roster: a player is named twice; name each player once', {
      field: 'roster',
      limit: 'each player once',
      fix: 'name each player once',
    });
}
