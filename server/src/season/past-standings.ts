/** Time travel: what the standings of a season that is over were at a moment, from the finals accepted up to it. */
import type { Board } from '@photofinish/shared/domain/board';
import { type SeasonState, takesFinals } from '@photofinish/shared/domain/season';
import { Fault } from '@photofinish/shared/protocol/errors';

export interface PastEntry {
  rank: number;
  player: string;
  name?: string;
  score: number;
  columns?: Record<string, number>;
  achievedAt: number;
  metadata?: Record<string, unknown>;
}

/** Where a page ends. */
export interface PastKey {
  score: number;
  columnsKey: string;
  achievedAt: number;
  player: string;
}

export interface PastStandings {
  total: number;
  entries: PastEntry[];
  /** undefined: there is nothing after this page. */
  last: PastKey | undefined;
}

export interface PastStandingsStore {
  at(of: {
    season: string;
    board: Board;
    at: number;
    limit: number;
    after?: PastKey | undefined;
  }): Promise<PastStandings>;
}

export interface PastAnswer {
  board: string;
  season: string;
  state: SeasonState;
  at: number;
  total: number;
  entries: PastEntry[];
  next?: string;
}

/** Each reads all finals of its season: more at once would keep Postgres from the finals of today. */
const READS_MAX = 2;

export class PastReads {
  readonly #store: PastStandingsStore;
  #running = 0;

  constructor(store: PastStandingsStore) {
    this.#store = store;
  }

  /** @throws Fault INVALID_REQUEST, SEASON_NOT_CLOSED, OVERLOADED */
  async at(of: {
    season: { id: string; state: SeasonState };
    board: Board;
    at: number;
    limit: number;
    cursor?: string | undefined;
  }): Promise<PastAnswer> {
    const { season, board, at, limit, cursor } = of;
    assertPast(season, board);
    const after = cursor === undefined ? undefined : keyOf(cursor, board);
    if (this.#running >= READS_MAX)
      throw new Fault('OVERLOADED', `${READS_MAX} reads of past standings are running; try again`, {
        limit: `${READS_MAX} reads of past standings at once`,
        retryAfterMs: 1_000,
      });
    this.#running++;
    try {
      const { total, entries, last } = await this.#store.at({ season: season.id, board, at, limit, after });
      return {
        ...{ board: board.id, season: season.id, state: season.state, at, total, entries },
        ...(last ? { next: cursorOf(last) } : {}),
      };
    } finally {
      this.#running--;
    }
  }
}

function assertPast({ id, state }: { id: string; state: SeasonState }, board: Board): void {
  if (board.kind === 'open')
    throw new Fault(
      'INVALID_REQUEST',
      `season: ${id} is of an open board, which has no finals to go back to`,
      {
        field: 'season',
        fix: 'name a season of a match board',
      },
    );
  if (state === 'upcoming' || takesFinals(state))
    throw new Fault(
      'SEASON_NOT_CLOSED',
      `season: ${id} is ${state}; past standings are those of a closed season`,
      {
        field: 'season',
        fix: 'wait until the season is closed',
      },
    );
}

const cursorOf = ({ score, columnsKey, achievedAt, player }: PastKey): string =>
  Buffer.from(JSON.stringify([score, columnsKey, achievedAt, player])).toString('base64url');

/** @throws Fault INVALID_REQUEST for what no answer of ours has held */
function keyOf(cursor: string, { operator, columns }: Board): PastKey {
  const sums = operator === 'sum' && columns.length > 0;
  const shape = sums
    ? new RegExp(`^\\{-?\\d{1,16}(?:,-?\\d{1,16}){${columns.length - 1}}\\}$`)
    : new RegExp(`^[-\\w]{${columns.length * 9}}$`);
  try {
    const [score, columnsKey, achievedAt, player] = JSON.parse(
      Buffer.from(cursor, 'base64url').toString(),
    ) as unknown[];
    if (
      Number.isSafeInteger(score) &&
      Number.isSafeInteger(achievedAt) &&
      typeof columnsKey === 'string' &&
      shape.test(columnsKey) &&
      typeof player === 'string' &&
      /^[A-Za-z0-9._~-]{1,64}$/.test(player)
    )
      return { score: score as number, columnsKey, achievedAt: achievedAt as number, player };
  } catch {
    // Told below, like any other text that is no cursor.
  }
  throw new Fault(
    'INVALID_REQUEST',
    'cursor: is none of this season; send the `next` of an answer, or leave it out',
    {
      field: 'cursor',
      limit: 'the next of an answer',
      fix: 'send the next of an answer, or leave it out',
    },
  );
}
