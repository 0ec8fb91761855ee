/** Small in-memory services for the HTTP edge: enough to see what it asks and answers. */
import { boardSchema } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Season, StoredBoard } from '../../../server/src/board/board-store.ts';
import { boardNotFound, matchNotFound, seasonNotFound } from '../../../server/src/board/faults.ts';
import type { Flag } from '../../../server/src/board/flag-store.ts';
import { flagNotFound } from '../../../server/src/board/flags.ts';
import { playerNotFound } from '../../../server/src/board/players.ts';
import type { Principal, Role } from '../../../server/src/board/principal.ts';
import { ROLES } from '../../../server/src/board/principal.ts';
import type { FlushFailure } from '../../../server/src/flush/flush-failure-store.ts';
import { noFlushFailure } from '../../../server/src/flush/flush-failures.ts';
import type { HttpDeps } from '../../../server/src/http/deps.ts';
import type { Settlement } from '../../../server/src/settle/settlement-store.ts';
import { boardAdmin, stored } from './board-doubles.ts';

export const BOARD = boardSchema.parse({
  id: 'arena',
  title: 'Arena',
  prizes: { bands: [{ from: 1, to: 1, amountMinor: 5_000 }] },
});

export const ENTRIES = [
  { rank: 1, player: 'ada', score: 30, achievedAt: 1_700_000_000_000 },
  { rank: 2, player: 'bob', score: 20, achievedAt: 1_700_000_000_001 },
];

export interface Logged {
  level: string;
  fields: object;
  message: string;
}

export interface Doubles {
  deps: HttpDeps;
  /** What the edge asked for, in order: a name and its arguments. */
  calls: [string, ...unknown[]][];
  logged: Logged[];
  answered: { method: string; route: string; status: number; ms: number }[];
  /** Milliseconds of the edge's clock. */
  time: { now: number };
}

/** Tokens are spelled `role:sub`; anything else is refused. */
async function verify(token: string): Promise<Principal> {
  const [role, sub] = token.split(':');
  const known = ROLES.find((name): name is Role => name === role);
  if (!known || !sub) throw new Fault('UNAUTHENTICATED', "the token's signature is wrong");
  return { role: known, sub, expiresAt: Number.MAX_SAFE_INTEGER };
}

export function doubles(over: Partial<HttpDeps> = {}): Doubles {
  const calls: Doubles['calls'] = [];
  const logged: Logged[] = [];
  const answered: Doubles['answered'] = [];
  const time = { now: 0 };
  const log = (level: string) => (fields: object, message: string) =>
    void logged.push({ level, fields, message });
  const deps: HttpDeps = {
    ...services(calls),
    tokens: { verify },
    viewerToken: async ({ sub, ttlSeconds }) => `viewer:${sub}:${ttlSeconds}`,
    health: { checks: { redis: async () => {}, postgres: async () => {} }, draining: () => false },
    metrics: { text: async () => '# HELP up\n', contentType: 'text/plain; version=0.0.4; charset=utf-8' },
    observer: { answered: (request) => void answered.push(request) },
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    clock: () => time.now,
    pageDirectory: '/nonexistent',
    requestsPerSecondMax: 1_000,
    proxyHops: 0,
    ...over,
  };
  return { deps, calls, logged, answered, time };
}

type Services = Pick<
  HttpDeps,
  | 'boards'
  | 'catalogue'
  | 'players'
  | 'hiding'
  | 'playerDeletion'
  | 'playerExport'
  | 'reads'
  | 'durability'
  | 'seasons'
  | 'settling'
  | 'flusher'
  | 'imports'
  | 'seasonEvents'
  | 'audit'
  | 'exports'
  | 'past'
  | 'flushFailures'
  | 'flags'
  | 'keeper'
>;

function services(calls: Doubles['calls']): Services {
  const boards = new Map<string, StoredBoard>([[BOARD.id, stored(BOARD, 1)]]);
  const seasons = new Map<string, Season>([['s1', season('s1', 1, 'open')]]);
  const findBoard = (id: string) => {
    const board = boards.get(id);
    if (!board) throw boardNotFound(id);
    return board;
  };
  const findSeason = (id: string) => {
    const found = seasons.get(id);
    if (!found) throw seasonNotFound(id);
    return found;
  };
  const head = () => ({
    board: BOARD.id,
    season: 's1',
    state: findSeason('s1').state,
    source: 'live' as const,
    epoch: 1,
    version: 7,
    total: ENTRIES.length,
  });
  return {
    past: {
      async at({ season, board, at }) {
        calls.push(['past', season.id, at]);
        return { board: board.id, season: season.id, state: season.state, at, total: 0, entries: [] };
      },
    },
    exports: {
      begin: async () => {
        throw new Fault('OVERLOADED', 'two exports are running');
      },
    },
    seasonEvents: {
      list: async () => [],
      sendAgain: async () => undefined,
    },
    imports: {
      async begin({ season: id, emit }) {
        calls.push(['import', id]);
        return {
          run: async () =>
            emit({
              type: 'done',
              lines: 1,
              imported: 1,
              replaced: 0,
              unchanged: 0,
              refused: 0,
              refusalsNamed: 0,
              ms: 1,
            }),
        };
      },
    },
    boards: boardAdmin(boards, calls),
    audit: {
      async list(of) {
        calls.push(['listAudit', of]);
        return [9, 8, 7].slice(0, of.limit).map((id) => ({
          id,
          at: 1_700_000_000_000 + id,
          by: 'root',
          action: 'season.close',
          target: 's1',
          detail: {},
        }));
      },
    },
    hiding: {
      async list(of) {
        calls.push(['listHidden', of]);
        return { players: [{ player: 'eve', everywhere: false, boards: ['arena'] }], next: 'eve' };
      },
      async hide(of) {
        calls.push(['hide', of]);
        return { changed: of.players.length, live: 'applied' };
      },
      async unhide(of) {
        calls.push(['unhide', of]);
        return { changed: 0, live: 'applied' };
      },
    },
    playerDeletion: {
      async remove(player, by) {
        calls.push(['removePlayer', player, by]);
        return { player, state: player === 'ada' ? 'erased' : 'absent' };
      },
    },
    playerExport: {
      async of(player) {
        if (player !== 'ada') throw playerNotFound(player);
        return ['{"player":"ada",', '"exportedAt":1,"tables":{}}'];
      },
    },
    players: {
      async read(player) {
        if (player !== 'ada') throw playerNotFound(player);
        return profile(player, 'Ada');
      },
      async name(player, name, by) {
        calls.push(['name', player, name, by.sub]);
        return profile(player, name);
      },
    },
    catalogue: {
      board: async (id) => findBoard(id).board,
      storedBoard: async (id) => findBoard(id),
      season: async (id) => findSeason(id),
      seasonsOf: async (id) => ({
        seasons: [...seasons.values()].filter((found) => found.board === findBoard(id).id),
      }),
      live: async (found) => ({ id: found.id, board: findBoard(found.board).board }),
    },
    reads: {
      async top(of) {
        calls.push(['top', of]);
        findBoard(of.board);
        return { ...head(), entries: ENTRIES.slice(0, of.limit) };
      },
      async range(of) {
        calls.push(['range', of]);
        return { ...head(), count: ENTRIES.length, entries: ENTRIES };
      },
      async around(of) {
        calls.push(['around', of]);
        if (of.player === 'boom') throw new Error('password=hunter2 at postgres://u:hunter2@db/x');
        if (!ENTRIES.some((entry) => entry.player === of.player))
          throw new Fault('PLAYER_NOT_FOUND', `player: ${of.player} has no entry`, { field: 'player' });
        return { ...head(), entries: ENTRIES };
      },
      async ranks({ seesHidden: _, ...of }) {
        calls.push(['ranks', of]);
        const entries = of.players.map((player) => {
          const entry = ENTRIES.find((known) => known.player === player);
          return entry ? { ...entry, percentile: 100 } : { player, rank: null };
        });
        return { ...head(), entries };
      },
      async window(id) {
        const { state } = findSeason(id);
        const watermark = { epoch: 1, version: 5, at: 1_700_000_000_000 };
        return {
          season: id,
          board: BOARD.id,
          state,
          epoch: 1,
          version: 7,
          dirty: 2,
          oldestDirtyMs: 40,
          watermark,
        };
      },
    },
    durability: {
      async of(id) {
        const { state } = findSeason(id);
        return {
          ...{ season: id, board: BOARD.id, state, epoch: 1, version: 7, dirty: 2, oldestDirtyMs: 40 },
          ...{ watermark: null, acks: { tick: 'cache', final: 'database' }, redoTicks: 2, redoForgotten: 0 },
          atRisk: [{ fault: 'a server dies', entries: 0 }],
        };
      },
    },
    seasons: {
      async open(board, by) {
        calls.push(['open', board, by]);
        findBoard(board);
        throw new Fault('SEASON_ALREADY_OPEN', `board: ${board} has an open season already`, {
          field: 'board',
        });
      },
      async close(id, by, how) {
        calls.push(['close', id, by, how]);
        const closed = { ...findSeason(id), state: 'closed' as const, closedAt: 1_700_000_100_000 };
        seasons.set(id, closed);
        return closed;
      },
    },
    settling: {
      async settle(id, by) {
        calls.push(['settle', id, by]);
        return settlement(findSeason(id).id);
      },
      async preview(id) {
        calls.push(['preview', id]);
        return settlement(findSeason(id).id);
      },
      async find(id) {
        calls.push(['find', id]);
        findSeason(id);
        throw new Fault('SETTLEMENT_NOT_FOUND', `season: ${id} is not settled yet`, { field: 'season' });
      },
    },
    keeper: {
      async find(id) {
        if (id !== 'm1') throw matchNotFound(id);
        return { ...match, players: [{ player: 'ada', joinedAt: 1_700_000_000_001, final: null }] };
      },
      async abandonNow(id, by) {
        calls.push(['abandon', id, by]);
        return { ...match, endedAt: 1_700_000_000_002, abandoned: true };
      },
    },
    flags: {
      async list(of) {
        calls.push(['listFlags', of]);
        return { flags: [flag(1)] };
      },
      async clear(id, by) {
        calls.push(['clearFlag', id, by]);
        return { ...flag(id), status: 'cleared' };
      },
      async confirm(id, by) {
        calls.push(['confirmFlag', id, by]);
        if (id !== 1) throw flagNotFound(id);
        return { ...flag(id), status: 'confirmed' };
      },
    },
    flushFailures: {
      async list(of) {
        calls.push(['listFailures', of]);
        return { total: 1, failures: [failure(of.season ?? 's1', 'bad')] };
      },
      async retry(id, player, by) {
        calls.push(['retryFailure', id, player, by]);
        return { outcome: 'written', failure: failure(id, player) };
      },
      async discard(id, player, by) {
        calls.push(['discardFailure', id, player, by]);
        if (player !== 'bad') throw noFlushFailure(id, player);
        return failure(id, player);
      },
    },
    flusher: {
      async drain(live, cause) {
        calls.push(['drain', live.id, cause]);
        if (live.id === 'stuck') throw new Error('season stuck did not drain in time');
      },
    },
  };
}

const profile = (player: string, name: string | undefined) => ({
  ...{ player, name, nameAt: 1_700_000_000_000, hidden: false, createdAt: 1_600_000_000_000 },
});

function season(id: string, number: number, state: Season['state']): Season {
  return {
    id,
    board: BOARD.id,
    number,
    state,
    epoch: 1,
    startedAt: 1_700_000_000_000,
    closingAt: undefined,
    closedAt: undefined,
  };
}

const match = {
  ...{ id: 'm1', board: BOARD.id, season: 's1', startedAt: 1_700_000_000_000, endedAt: undefined },
  ...{ limits: { timeoutMs: 60_000 }, rostered: false, abandoned: false },
};

const flag = (id: number): Flag => ({
  ...{ id, kind: 'final-tolerance', board: BOARD.id, season: 's1', match: 'm1', player: 'ada' },
  ...{ detail: { final: 30, lastTick: 10, tolerance: 5, source: 'live' }, at: 1_700_000_000_000 },
  ...{ status: 'open', decidedAt: null, decidedBy: null },
});

const failure = (id: string, player: string): FlushFailure => ({
  season: id,
  player,
  record: {
    ...{ player, rev: 3, score: 30, achievedAt: 1_700_000_000_000, confirmed: undefined, finals: 0 },
    ...{ matchKey: '', matchEnded: false, provisional: undefined, seqs: '' },
  },
  reason: 'refused',
  sqlState: '23514',
  epoch: 1,
  rev: 3,
  at: 1_700_000_000_500,
});

const settlement = (id: string): Settlement => ({
  id: 'settlement-1',
  season: id,
  board: BOARD.id,
  settledAt: 1_700_000_200_000,
  standings: 2,
  currency: 'USD',
  amountMinor: 5_000,
  sha256: 'ab'.repeat(32),
  awards: [{ player: 'ada', rank: 1, score: 30, amountMinor: 5_000 }],
});
