/** The board and an open season of our own: an admin's part before the first match. */
import type { Band, Ties } from './books/prizes.ts';
import { ApiFailure, type HttpApi, Unreachable } from './http-api.ts';
import type { Options } from './options.ts';
import { Stop } from './stop.ts';

export interface SimBoard {
  id: string;
  kind: string;
  operator: string;
  sortOrder: string;
  scoreMin: number;
  scoreMax: number;
  prizes: { bands: Band[]; ties: Ties; currency: string };
  ticks: { writers: string[]; maxPerSecond: number };
  finals: { writers: string[] };
}

interface SimSeason {
  id: string;
  state: string;
}

export interface Stage {
  board: SimBoard;
  season: string;
  /** False when the server took our admin token for nobody's: then the season is not ours alone, and may hold other players. */
  admin: boolean;
}

/** Each tie rule has an operator to be tried with. */
const TIES: Record<Options['operator'], Ties> = { best: 'first', latest: 'share', sum: 'split' };

const boardInput = (options: Options) => ({
  id: options.board,
  title: `Simulated season: ${options.operator}, ${options.sort}`,
  kind: 'match',
  operator: options.operator,
  sortOrder: options.sort,
  // Above the fastest player's pace in any one second, so that the board refuses none of our ticks.
  ticks: { maxPerSecond: Math.min(10_000, Math.max(50, Math.ceil(options.rate * 10))) },
  prizes: {
    bands: [
      { from: 1, to: 1, amountMinor: 100_000 },
      { from: 2, to: 2, amountMinor: 50_001 },
      { from: 3, to: 3, amountMinor: 25_000 },
      { from: 4, to: 10, amountMinor: 5_000 },
    ],
    ties: TIES[options.operator],
    currency: 'USD',
  },
});

/** @throws Stop when the server cannot be reached, or the board is another game's */
export async function prepare(options: Options, api: HttpApi): Promise<Stage> {
  try {
    const { board, created } = await ensureBoard(options, api);
    assertFits(board, options);
    const seasons = await seasonsOf(board.id, api);
    const current = seasons.find(({ state }) => state === 'open' || state === 'closing');
    if (created && current) return { board, season: current.id, admin: true };
    return await ownSeason(board, current, api);
  } catch (error) {
    if (error instanceof Unreachable || error instanceof ApiFailure) throw new Stop(error.message);
    throw error;
  }
}

async function ensureBoard(options: Options, api: HttpApi): Promise<{ board: SimBoard; created: boolean }> {
  const path = `/v1/boards/${options.board}`;
  try {
    return { board: await api.json<SimBoard>('GET', path), created: false };
  } catch (error) {
    if (!(error instanceof ApiFailure && error.status === 404)) throw error;
  }
  await api.text('POST', '/v1/admin/boards', boardInput(options));
  return { board: await api.json<SimBoard>('GET', path), created: true };
}

function assertFits(board: SimBoard, options: Options): void {
  const wanted: Record<string, [string, string]> = {
    kind: [board.kind, 'match'],
    operator: [board.operator, options.operator],
    sortOrder: [board.sortOrder, options.sort],
  };
  for (const [rule, [is, should]] of Object.entries(wanted))
    if (is !== should)
      throw new Stop(
        `--board: ${board.id} exists with ${rule} ${is}, not ${should}; name another board or the same rules`,
      );
  for (const writer of ['player', 'server'])
    if (!board.ticks.writers.includes(writer))
      throw new Stop(`--board: ${board.id} takes no ticks from a ${writer}; name another board`);
  if (!board.finals.writers.includes('server'))
    throw new Stop(`--board: ${board.id} takes no finals from a server; name another board`);
}

async function seasonsOf(board: string, api: HttpApi): Promise<SimSeason[]> {
  const answer = await api.json<SimSeason[] | { seasons: SimSeason[] }>('GET', `/v1/boards/${board}/seasons`);
  return Array.isArray(answer) ? answer : answer.seasons;
}

/** Ends a season that an earlier run left open, and opens one that nobody else has written to. */
async function ownSeason(board: SimBoard, current: SimSeason | undefined, api: HttpApi): Promise<Stage> {
  try {
    if (current) await api.text('POST', `/v1/admin/seasons/${current.id}/close`, { now: true });
    const opened = await api.json<SimSeason>('POST', `/v1/admin/boards/${board.id}/seasons`, {});
    return { board, season: opened.id, admin: true };
  } catch (error) {
    const refused = error instanceof ApiFailure && (error.status === 401 || error.status === 403);
    if (!refused || current?.state !== 'open') throw error;
    return { board, season: current.id, admin: false };
  }
}
